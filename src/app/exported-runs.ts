import type { Given, Settings } from '../../config/schema.js';
import { EXIT, ExitError } from '../core/exit.js';
import { fingerprint } from '../core/fingerprint.js';
import { shardName } from '../core/shard.js';
import type { Logger } from '../core/telling.js';
import type { MergedRun, RunShare } from '../results/merged-rows.js';
import { isHeld, thisProcess } from '../results/store-lock.js';
import { count } from '../telemetry/words.js';
import type { Io } from './io.js';
import { openReader } from './reading.js';
import type { Resources } from './resources.js';
import { askDifferences } from './run/ask-differences.js';
import type { PinnedAsk } from './run/ask-words.js';
import { completeAsk } from './run/complete-ask.js';

/** A run as `export --json` prints it. */
export interface ExportedRun {
  /** As it was named. */
  readonly run: string;
  readonly run_id: string;
  readonly store: string;
  /** `2/8`; null for a run over all of its inputs. */
  readonly shard: string | null;
  readonly items: number;
  readonly rows: number;
  /** Items that have no row yet. */
  readonly missing: number;
  /** Whether every item of its inputs is known. */
  readonly discovered: boolean;
  /** Whether a process works on it. */
  readonly running: boolean;
}

/** Opens the runs that were named, each once. */
export async function openRuns(
  names: readonly string[],
  { io, settings }: { readonly settings: Settings; readonly io: Io },
  resources: Resources,
): Promise<readonly MergedRun[]> {
  const runs = new Map<string, MergedRun>();
  for (const name of names) {
    const reader = await openReader(name, settings, io);
    resources.defer(() => reader.close());
    const meta = reader.meta();
    if (meta === null) throw new ExitError(EXIT.usage, `Expected ${reader.dir} to hold a run that has begun`);
    if (!runs.has(reader.dir)) runs.set(reader.dir, { name, reader, meta });
  }
  return [...runs.values()];
}

/**
 * Refuses runs that ask something else, or another version of the model: what stands in one file is taken for one answer.
 *
 * @throws ExitError 2 naming what differs
 */
export function refuseMixed(runs: readonly MergedRun[]): void {
  const [first, ...others] = runs;
  if (first === undefined) return;
  for (const other of others) {
    const lines = differencesOf(first, other);
    if (lines.length === 0) continue;
    const what = `Expected runs of one question, got ${first.name} and ${other.name}, which differ:\n${lines.join('\n')}`;
    throw new ExitError(EXIT.usage, what, {
      fix: 'Export them one by one, or give --mixed: each JSONL row says by ask_fingerprint and model_digest what it answers.',
    });
  }
}

function differencesOf({ meta: one }: MergedRun, { meta: other }: MergedRun): readonly string[] {
  const [before, now] = [pinned(one), pinned(other)];
  const isDigest = one.digest !== null && other.digest !== null && one.digest !== other.digest;
  const digest = isDigest ? [`  the model's digest: ${one.digest}, and ${other.digest}`] : [];
  if (fingerprint(before.ask) === fingerprint(now.ask)) return digest;
  const named = askDifferences(before, now).map(({ name, before: was, now: is }) => `  ${name}: ${was}, and ${is}`);
  return named.length === 0 ? ['  the question, as different versions of visionbatch ask it', ...digest] : named;
}

function pinned({ ask, given }: MergedRun['meta']): PinnedAsk {
  return { ask: completeAsk(ask), given: given as Given };
}

/** What there is of a run. */
export function shareOf({ meta, name, reader }: MergedRun, share: RunShare = { items: 0, rows: 0 }): ExportedRun {
  const lock = reader.lock();
  return {
    run: name,
    run_id: meta.runId,
    store: reader.dir,
    shard: meta.shard === null || meta.shard === undefined ? null : shardName(meta.shard),
    items: share.items,
    rows: share.rows,
    missing: share.items - share.rows,
    discovered: meta.discovered,
    running: lock !== null && isHeld(lock, thisProcess(), Date.now()),
  };
}

/** Names the runs that lack rows, and the shards that were not named. */
export function tellShares(runs: readonly ExportedRun[], logger: Logger): void {
  for (const { discovered, items, missing, run, running } of runs) {
    if (missing === 0 && discovered) continue;
    const lacks = missing === 0 ? '' : `${count(missing)} of ${count(items)} rows are missing`;
    const more = discovered ? '' : 'not all of its items are found yet';
    const then = running ? 'it is still running' : 'its own command continues it';
    logger.warn(`${run}: ${[lacks, more].filter((part) => part !== '').join(', and ')}; ${then}`);
  }
  const wanting = shardsWanting(runs);
  if (wanting.length > 0) logger.warn(`Shards that are not among these runs: ${wanting.join(', ')}`);
}

/** Of each division that a shard is named of, the shards that are not. */
function shardsWanting(runs: readonly ExportedRun[]): readonly string[] {
  const named = new Set(runs.flatMap(({ shard }) => shard ?? []));
  const divisions = new Set([...named].map((shard) => Number(shard.slice(shard.indexOf('/') + 1))));
  return [...divisions].flatMap((of) =>
    Array.from({ length: of }, (_, at) => shardName({ index: at + 1, of })).filter((shard) => !named.has(shard)),
  );
}
