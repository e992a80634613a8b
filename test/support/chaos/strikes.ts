import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { sha256Hex } from '../../../src/core/fingerprint.js';
import type { Outcome } from '../ollama/faults.js';
import type { Arena } from './arena.js';
import { type AnswerFault, type Fault, type HostIllness, targetOf, type Victim } from './faults.js';
import type { Keeper } from './keeper.js';

/** Makes faults happen. Two on one target come one after the other. */
export class Striker {
  readonly #arena: Arena;
  readonly #last = new Map<string, Promise<void>>();

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  strike(fault: Fault): void {
    const target = targetOf(fault);
    const before = this.#last.get(target) ?? Promise.resolve();
    this.#last.set(
      target,
      before.then(() => happen(this.#arena, fault)),
    );
  }

  /** Resolves when everything that lasts has healed. */
  async healed(): Promise<void> {
    await Promise.all(this.#last.values());
  }
}

const ILLNESSES: Readonly<Record<Exclude<HostIllness, 'model-gone'>, Outcome>> = {
  busy: { kind: 'busy' },
  slow: { kind: 'slow', times: 8 },
  'model-missing': { kind: 'model-missing' },
};

const ANSWERS: Readonly<Record<AnswerFault, Outcome>> = {
  reset: { kind: 'reset', afterTokens: 1 },
  hang: { kind: 'hang', afterTokens: 1 },
  crash: { kind: 'crash', afterTokens: 1 },
};

async function happen(arena: Arena, fault: Fault): Promise<void> {
  const { ollama, keys, folder } = arena.ground.stage;
  switch (fault.kind) {
    case 'kill':
      return keeperOf(arena, fault.who).kill(fault.awayMs);
    case 'freeze':
      return keeperOf(arena, fault.who).freeze(fault.forMs);
    case 'clock':
      return arena.clocks.get(fault.who)?.jump(fault.byMs);
    case 'redis-kill':
      return redisAway(arena, fault.awayMs);
    case 'redis-flush':
      return arena.redis?.flush();
    case 'cut':
      return cutOff(arena, fault);
    case 'host-down':
      return hostDown(arena, fault);
    case 'host-ill':
      return hostIll(arena, fault);
    case 'answer':
      return ollama.fault(fault.host, { outcome: ANSWERS[fault.how], times: 1 });
    case 'poison': {
      const imageSha256 = sha256Hex(await readFile(folder.at('scans', keys[fault.item] ?? '')));
      return ollama.fault(null, { outcome: { kind: 'crash', afterTokens: 0 }, imageSha256 });
    }
  }
}

function keeperOf({ coordinator, workers }: Arena, who: Victim): Keeper {
  const keeper = who === 'coordinator' ? coordinator : workers[who];
  if (keeper === undefined) throw new Error(`Expected one of ${workers.length} workers, got ${who}`);
  return keeper;
}

async function redisAway({ redis }: Arena, awayMs: number): Promise<void> {
  await redis?.kill();
  await sleep(awayMs);
  await redis?.restart();
}

async function cutOff({ cables }: Arena, fault: Extract<Fault, { kind: 'cut' }>): Promise<void> {
  const cable = cables[fault.worker];
  if (fault.how === 'reset') cable?.cut();
  else cable?.hush();
  await sleep(fault.forMs);
  cable?.mend();
}

async function hostIll({ ground }: Arena, { forMs, host, how }: Extract<Fault, { kind: 'host-ill' }>): Promise<void> {
  const { ollama } = ground.stage;
  if (how !== 'model-gone') return ollama.fault(host, { outcome: ILLNESSES[how], forMs });
  await ollama.models(host, 'gone');
  await sleep(forMs);
  await ollama.models(host, 'back');
}

async function hostDown({ ground }: Arena, fault: Extract<Fault, { kind: 'host-down' }>): Promise<void> {
  const { ollama } = ground.stage;
  await ollama.power(fault.host, fault.how);
  await sleep(fault.forMs);
  await ollama.power(fault.host, fault.how === 'off' ? 'on' : 'restarted');
}
