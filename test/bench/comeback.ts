import { setTimeout as sleep } from 'node:timers/promises';
import type { OllamaProcess } from '../support/ollama/process.js';
import { isAnswer } from './asks.js';
import type { BenchOptions, BenchResult } from './bench.js';
import {
  busyShareOf,
  type EightHostsOptions,
  LOST,
  missedSecs,
  onEightHosts,
  SERVICE_MS,
  SLOTS,
} from './eight-hosts.js';

/** A trouble that the last host has for a while. */
interface Trouble {
  readonly name: string;
  readonly images: number;
  readonly downMs: number;
  readonly begin: (servers: OllamaProcess) => Promise<void>;
  readonly end: (servers: OllamaProcess) => Promise<void>;
}

const RESET = { outcome: { kind: 'reset', afterTokens: 0 }, trials: true } as const;

const TROUBLES: readonly Trouble[] = [
  {
    name: 'refuses connections',
    images: 5_000,
    downMs: 10_000,
    begin: (servers) => servers.power(LOST, 'killed'),
    end: (servers) => servers.power(LOST, 'restarted'),
  },
  {
    name: 'resets what it is asked',
    images: 5_000,
    downMs: 10_000,
    begin: (servers) => servers.fault(LOST, RESET),
    end: (servers) => servers.clearFaults(),
  },
  {
    name: 'is silent, with open sockets',
    images: 7_000,
    downMs: 20_000, // its requests are given up after 15 s
    begin: (servers) => servers.power(LOST, 'off'),
    end: (servers) => servers.power(LOST, 'on'),
  },
];

/** A host's rate counts as full from here on. */
const FULL = 0.9;
const RATE_SECS = 1;

/**
 * One of eight hosts is in trouble for a while: how much less than before the other seven answer meanwhile, in seconds of
 * a host's rate, and how long it takes from its first answer after it until it answers at its full rate again.
 */
export async function comeback({ quick }: BenchOptions): Promise<readonly BenchResult[]> {
  const results: BenchResult[] = [];
  for (const onRedis of quick ? [false] : [false, true]) {
    for (const trouble of TROUBLES) results.push(...(await undergo(trouble, { images: trouble.images, onRedis })));
  }
  return results;
}

function undergo(trouble: Trouble, options: EightHostsOptions): Promise<readonly BenchResult[]> {
  return onEightHosts(options, async (run) => {
    await trouble.begin(run.servers);
    await sleep(trouble.downMs);
    const until = await run.survivors();
    const endMs = Date.now();
    await trouble.end(run.servers);
    await run.finish();
    const { answersMs, ratesMs } = await backAt(run.servers, endMs);
    const name = `a host ${trouble.name}, ${options.onRedis ? 'bullmq' : 'memory'}`;
    return [
      {
        name: `${name}: missed elsewhere, s`,
        ratio: missedSecs(run, until),
        reach: 2,
        better: 'lower',
        detail: { images: options.images, 'busy before': busyShareOf(run), 'seconds down': trouble.downMs / 1_000 },
      },
      {
        name: `${name}: back at full rate, s`,
        ratio: (ratesMs - answersMs) / 1_000,
        reach: 5,
        better: 'lower',
        detail: { 'first answer after s': ((answersMs - endMs) / 1_000).toFixed(1) },
      },
    ];
  });
}

/** When the lost host first answered anything again, and from when on it answered questions at its full rate. */
async function backAt(servers: OllamaProcess, endMs: number): Promise<Record<'answersMs' | 'ratesMs', number>> {
  const since = (await servers.requests(LOST)).filter(({ at, status }) => at >= endMs && status === 200);
  const answersMs = Math.min(...since.map(({ endedAt }) => endedAt ?? Number.POSITIVE_INFINITY));
  const answered = since
    .filter(isAnswer)
    .map(({ endedAt }) => endedAt ?? Number.POSITIVE_INFINITY)
    .toSorted((a, b) => a - b);
  const aSecond = Math.ceil((FULL * RATE_SECS * 1_000 * SLOTS) / SERVICE_MS);
  const first = answered.findIndex((at, n) => (answered[n + aSecond - 1] ?? Infinity) - at <= RATE_SECS * 1_000);
  return { answersMs, ratesMs: answered[first] ?? Number.POSITIVE_INFINITY };
}
