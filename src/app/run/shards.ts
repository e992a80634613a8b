import { EXIT, ExitError } from '../../core/exit.js';
import { type Shard, shardName } from '../../core/shard.js';
import type { RunMeta } from '../../results/run-meta.js';

/** `2/8`, or null for a run over all of its inputs. */
export function partOf({ shard = null }: Pick<RunMeta, 'shard'>): string | null {
  return shard === null ? null : shardName(shard);
}

/**
 * A run stays the part of its inputs that it began as: a forgotten flag would ask everything that the other machines
 * ask, and another shard would leave its own rows out.
 *
 * @throws ExitError 2 where this start names another one
 */
export function refuseOtherShard(meta: RunMeta, shard: Shard | null): void {
  const before = partOf(meta);
  const now = shard === null ? null : shardName(shard);
  if (before === now) return;
  const go = before === null ? 'Leave out --shard' : `Give --shard ${before}`;
  throw new ExitError(
    EXIT.usage,
    `Expected \`--shard\` to be ${before ?? 'left out'}, as run ${meta.name} began, got ${now ?? 'none'}.`,
    { fix: `${go} to continue it. Another -o makes ${now ?? 'the whole'} a run of its own; --fresh forgets this one.` },
  );
}
