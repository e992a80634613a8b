import { REWRITE_MS } from '../../../jobs/fleet.js';
import type { HostLane } from '../../../workers/hosts/lane.js';
import { FAILURES, messageOf } from '../../core/errors.js';
import { isAsleep, type SleepWindow, wakesInMs } from '../../core/sleep.js';
import type { LaneStatus } from '../../core/telling.js';
import type { ServedHost } from '../hosts.js';
import { type OtherLanes, type RunLaneOptions, RunLanes } from './run-lanes.js';

export interface LaneSetOptions extends RunLaneOptions {
  readonly hosts: readonly ServedHost[];
}

/** How often the other processes' lanes are looked at. */
const LOOK_MS = 2_000;
/** How often it is looked whether items wait, which decides what is sent ahead: in this process, and on Redis. */
const BALANCE_MS = 100;
const BALANCE_SHARED_MS = 500;

/** The lanes of one run in this process. Tells the fleet of them, and knows the lanes of other processes. */
export class LaneSet implements OtherLanes {
  readonly #options: LaneSetOptions;
  readonly #lanes: readonly HostLane[];
  #elsewhere: readonly LaneStatus[] = [];
  #timers: NodeJS.Timeout[] = [];
  #closed = false;

  constructor(options: LaneSetOptions) {
    this.#options = options;
    const onStop = () => {
      this.#tell(this.#write());
      this.#stopIfNobodyTakesIt();
    };
    const lanes = new RunLanes({ ...options, onStop }, this);
    this.#lanes = options.hosts.map((host) => lanes.lane(host));
  }

  /** Resolves when every host was looked at once, whatever came of it. */
  async start(): Promise<void> {
    const write = () => this.#tell(this.#write());
    const look = () => this.#tell(this.#look());
    const balance = () => this.#tell(this.#balance());
    const balanceMs = this.#options.shared ? BALANCE_SHARED_MS : BALANCE_MS;
    this.#timers = [setInterval(write, REWRITE_MS), setInterval(look, LOOK_MS), setInterval(balance, balanceMs)];
    await this.#look();
    await Promise.all(this.#lanes.map((lane) => lane.start()));
    if (!this.#closed) await this.#write();
  }

  /** Whether a host of this process could be asked at any time. */
  get hasServed(): boolean {
    return this.#lanes.some(({ hasServed }) => hasServed);
  }

  /** Items that this process has in hand. */
  get inHand(): number {
    return this.#lanes.reduce((sum, lane) => sum + lane.inHand, 0);
  }

  /** Lanes of this process. */
  own(): readonly LaneStatus[] {
    const { identity } = this.#options;
    return this.#lanes.map((lane) => {
      const { state, trouble, slots, hostSlots, busy, done, failed } = lane.figures;
      return {
        lane: lane.name,
        host: lane.host,
        worker: identity.name,
        machine: identity.machine,
        pid: identity.pid,
        version: identity.version,
        slots,
        hostSlots,
        busy,
        done,
        failed,
        state,
        code: trouble?.code ?? null,
        reason: trouble?.message ?? null,
        atMs: Date.now(),
      };
    });
  }

  /** Lanes of all processes, as last seen. */
  all(): readonly LaneStatus[] {
    return [...this.own(), ...this.#elsewhere];
  }

  /** Takes nothing new. */
  async pause(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.pause()));
  }

  /** Puts lanes out of the run whose worker cannot see its files. */
  async expel(names: readonly string[]): Promise<void> {
    const blind = this.#lanes.filter((lane) => names.includes(lane.name) && lane.figures.state !== 'left');
    const failure = {
      code: 'IMAGE_FORBIDDEN',
      message: "This worker cannot see the run's files. Mount them, or give --root NAME=PATH.",
    } as const;
    await Promise.all(blind.map((lane) => lane.leave(failure)));
  }

  async close(options: { readonly abort?: boolean } = {}): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all(this.#lanes.map((lane) => lane.close(options)));
    const { fleet, run } = this.#options;
    const gone = this.#lanes.filter((lane) => lane.figures.state !== 'left'); // why a lane left is for the coordinator to read
    await Promise.all(gone.map((lane) => fleet.removeLane(run.runId, lane.name)));
  }

  /** Whether a live host answers that is none of these, here or elsewhere. */
  othersAnswer(thanHosts: readonly string[]): boolean {
    return this.all().some((lane) => lane.state === 'serving' && !thanHosts.includes(lane.host));
  }

  /** Slots of a host as another process, which is at work there, has found them. */
  slotsElsewhere(host: string): number | null {
    return this.#elsewhere.find((lane) => lane.host === host && lane.state === 'serving')?.hostSlots ?? null;
  }

  async #write(): Promise<void> {
    const { fleet, run } = this.#options;
    await Promise.all(this.own().map((lane) => fleet.writeLane(run.runId, lane)));
  }

  async #look(): Promise<void> {
    const { fleet, hosts, run } = this.#options;
    const drained = new Set((await fleet.hostOrders()).flatMap(({ order, url }) => (order === 'drain' ? [url] : [])));
    for (const [at, lane] of this.#lanes.entries()) {
      lane.rest(drained.has(lane.host) ? 'drained' : sleepOf(hosts[at]?.sleep ?? []));
    }
    const mine = new Set(this.#lanes.map((lane) => lane.name));
    this.#elsewhere = (await fleet.lanes(run.runId)).filter((lane) => !mine.has(lane.lane));
    this.#stopIfNobodyTakesIt();
  }

  /** A question that a host refuses is the end of the run only where none takes it: others may be of another version. */
  #stopIfNobodyTakesIt(): void {
    const all = this.all();
    if (all.some(({ done, state }) => done > 0 || state === 'serving' || state === 'starting')) return;
    const refused = all.find(({ code }) => code !== null && FAILURES[code] === 'stop');
    if (refused?.code == null) return;
    this.#options.onStop({ code: refused.code, message: refused.reason ?? refused.code });
  }

  /**
   * Hosts are given more than they have slots for while more items wait than all have, those that are only made ready
   * too; at the end, what a host has not begun is withdrawn for one that is idle.
   */
  async #balance(): Promise<void> {
    const { waiting } = await this.#options.queue.counts();
    const serving = this.all().filter(({ state }) => state === 'serving');
    const slots = serving.reduce((sum, lane) => sum + lane.slots, 0);
    const prepared = this.#lanes.reduce((sum, lane) => sum + lane.prepared, 0);
    const beyond = { sendsAhead: waiting + prepared > slots, prepares: waiting > slots };
    for (const lane of this.#lanes) lane.noteWaiting(waiting, beyond);
    if (waiting > 0) return;
    const elsewhere = this.#elsewhere.filter(({ state }) => state === 'serving');
    const idle = [...this.#lanes.map((lane) => lane.idle), ...elsewhere.map(({ slots, busy }) => slots - busy)];
    let left = idle.reduce((sum, slots) => sum + slots, 0);
    while (left > 0 && this.#lanes.toSorted((a, b) => b.surplus - a.surplus).some((lane) => lane.withdraw())) left -= 1;
  }

  /** Telling the fleet may fail when Redis is let go of at the end; nothing depends on it. */
  #tell(telling: Promise<void>): void {
    telling.catch((error: unknown) => this.#options.logger.debug(`The fleet was not told: ${messageOf(error)}`));
  }
}

/** Until when a host sleeps, for people; null where it is awake. */
function sleepOf(windows: readonly SleepWindow[]): string | null {
  const now = new Date();
  if (!isAsleep(windows, now)) return null;
  const wakes = new Date(now.getTime() + wakesInMs(windows, now));
  const [hours, minutes] = [wakes.getHours(), wakes.getMinutes()].map((part) => String(part).padStart(2, '0'));
  return `asleep until ${hours}:${minutes}`;
}
