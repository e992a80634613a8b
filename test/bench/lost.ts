import type { PowerState } from '../support/ollama/control.js';
import type { BenchOptions, BenchResult } from './bench.js';
import { busyShareOf, type EightHostsOptions, LOST, missedSecs, onEightHosts, SERVICE_MS } from './eight-hosts.js';

/** How the last host is lost, and what that is called. */
interface Loss extends EightHostsOptions {
  readonly name: string;
  readonly state: PowerState;
}

/** One of eight hosts is lost for good: how much less than before the other seven then answer, in seconds of a host's rate. */
export async function lost({ quick }: BenchOptions): Promise<readonly BenchResult[]> {
  const killed = { name: 'a host killed', state: 'killed', images: 3_000 } as const;
  // long enough for what the silent host held to come back while the others are busy
  const silent = { name: 'a host without power', state: 'off', images: 4_600 } as const;
  const onMemory = [{ ...killed, onRedis: false }, ...(quick ? [] : [{ ...silent, onRedis: false }])];
  const onRedis = [{ ...killed, onRedis: true }, ...(quick ? [] : [{ ...silent, onRedis: true }])];
  const results: BenchResult[] = [];
  for (const loss of [...onMemory, ...onRedis]) results.push(await lose(loss));
  return results;
}

function lose(loss: Loss): Promise<BenchResult> {
  return onEightHosts(loss, async (run) => {
    await run.servers.power(LOST, loss.state);
    const last = await run.finish();
    const until = { ...last, atMs: last.atMs - SERVICE_MS }; // the slots empty one by one at the end
    return {
      name: `${loss.name}, ${loss.onRedis ? 'bullmq' : 'memory'}`,
      ratio: missedSecs(run, until),
      reach: 2,
      better: 'lower',
      detail: {
        images: loss.images,
        'busy before': busyShareOf(run),
        'items lost': 0,
        'rows doubled': 0,
        'seconds after the loss': Math.round((until.atMs - run.before.atMs) / 1_000),
      },
    };
  });
}
