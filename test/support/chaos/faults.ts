/** Who can be killed, frozen or given another time: the coordinator, or a worker by its number. */
export type Victim = 'coordinator' | number;

/** Something that goes wrong. What lasts heals by itself. Times in milliseconds. */
export type Fault =
  /** kill -9, and the same command again. */
  | { readonly kind: 'kill'; readonly who: Victim; readonly awayMs: number }
  /** SIGSTOP, then SIGCONT. */
  | { readonly kind: 'freeze'; readonly who: Victim; readonly forMs: number }
  /** Its clock jumps, and stays there. */
  | { readonly kind: 'clock'; readonly who: Victim; readonly byMs: number }
  /** kill -9, and started again with its file. */
  | { readonly kind: 'redis-kill'; readonly awayMs: number }
  | { readonly kind: 'redis-flush' }
  /** The network between a worker and Redis: connections reset, or silent. */
  | { readonly kind: 'cut'; readonly worker: number; readonly how: 'reset' | 'silent'; readonly forMs: number }
  /** A host's process ends and comes back, or its machine loses power. */
  | { readonly kind: 'host-down'; readonly host: number; readonly how: HostDeath; readonly forMs: number }
  /** A host answers everything with 503, or slowly, or says that it has no such model, or has none and lists none. */
  | { readonly kind: 'host-ill'; readonly host: number; readonly how: HostIllness; readonly forMs: number }
  /** One request to a host ends badly. */
  | { readonly kind: 'answer'; readonly host: number; readonly how: AnswerFault }
  /** From here on every host crashes on this item. */
  | { readonly kind: 'poison'; readonly item: number };

export type HostDeath = 'killed' | 'terminated' | 'off';
export type HostIllness = 'busy' | 'slow' | 'model-missing' | 'model-gone';
export type AnswerFault = 'reset' | 'hang' | 'crash';

/** What a fault strikes: two faults on one of these come one after the other. */
export function targetOf(fault: Fault): string {
  switch (fault.kind) {
    case 'kill':
    case 'freeze':
    case 'clock':
      return nameOf(fault.who);
    case 'redis-kill':
    case 'redis-flush':
      return 'Redis';
    case 'cut':
      return `cable ${fault.worker}`;
    case 'host-down':
    case 'host-ill':
    case 'answer':
      return `host ${fault.host}`;
    case 'poison':
      return `item ${fault.item}`;
  }
}

/** A fault in words, as a failed seed prints it. */
export function describeFault(fault: Fault): string {
  switch (fault.kind) {
    case 'kill':
      return `${nameOf(fault.who)} is killed, and started again after ${fault.awayMs} ms`;
    case 'freeze':
      return `${nameOf(fault.who)} is frozen for ${fault.forMs} ms`;
    case 'clock':
      return `the clock of ${nameOf(fault.who)} jumps by ${fault.byMs / 1_000} s`;
    case 'redis-kill':
      return `Redis is killed, and started again after ${fault.awayMs} ms`;
    case 'redis-flush':
      return 'Redis is flushed';
    case 'cut':
      return `worker ${fault.worker} is cut off Redis (${fault.how}) for ${fault.forMs} ms`;
    case 'host-down':
      return `host ${fault.host} is ${fault.how} for ${fault.forMs} ms`;
    case 'host-ill':
      return `host ${fault.host} is ill (${fault.how}) for ${fault.forMs} ms`;
    case 'answer':
      return `the next answer of host ${fault.host} ends badly (${fault.how})`;
    case 'poison':
      return `every host crashes on item ${fault.item} from here on`;
  }
}

/** `coordinator`, or a worker's name. */
export function nameOf(who: Victim): string {
  return who === 'coordinator' ? who : `worker ${who}`;
}
