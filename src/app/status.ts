import type { Settings } from '../../config/schema.js';
import { EXIT, type ExitCode } from '../core/exit.js';
import { type ShardCount, shardName } from '../core/shard.js';
import type { RunCounts } from '../core/telling.js';
import type { RunMeta } from '../results/run-meta.js';
import { isHeld, thisProcess } from '../results/store-lock.js';
import type { StoreReader } from '../results/store-reader.js';
import type { Io } from './io.js';
import { openReader } from './reading.js';
import { withResources } from './resources.js';

/** Says how far a run is, while it runs and after. */
export function showStatus(run: string, settings: Settings, io: Io): Promise<ExitCode> {
  return withResources(async (resources) => {
    const reader = await openReader(run, settings, io);
    resources.defer(() => reader.close());
    const status = statusOf(reader);
    io.stdout.write(settings.json ? `${JSON.stringify(status)}\n` : `${statusLines(status).join('\n')}\n`);
    return EXIT.ok;
  });
}

/** A run as `status --json` prints it. */
interface Status {
  readonly schema_version: 1;
  readonly name: string;
  readonly run_id: string;
  readonly store: string;
  readonly running: boolean;
  readonly coordinator: { readonly machine: string; readonly pid: number } | null;
  readonly task: string;
  readonly engine: string;
  readonly model: string | null;
  readonly model_digest: string | null;
  readonly created_at: string;
  readonly starts: number;
  readonly inputs: readonly string[];
  /** Which part of the inputs it is over, as of the last complete search; null: all of them. */
  readonly shard: ShardCount | null;
  /** Whether the last start found every item. */
  readonly discovered: boolean;
  readonly counts: { readonly [K in 'items' | 'ok' | 'blank' | 'not_ok' | 'skipped' | 'left']: number } & {
    readonly codes: RunCounts['codes'];
  };
  readonly outputs: readonly { readonly path: string; readonly rows: number; readonly finished: boolean }[];
}

const NOTHING_YET: RunCounts = { items: 0, ok: 0, blank: 0, notOk: 0, skipped: 0, left: 0, statuses: {}, codes: {} };

function statusOf(reader: StoreReader): Status {
  const meta = reader.meta();
  if (meta === null) throw new Error(`Expected ${reader.dir} to hold a run that has begun`);
  const lock = reader.lock();
  const running = lock !== null && isHeld(lock, thisProcess(), Date.now());
  return {
    schema_version: 1,
    name: meta.name,
    run_id: meta.runId,
    store: reader.dir,
    running,
    coordinator: running ? { machine: lock.machine, pid: lock.pid } : null,
    task: meta.ask.task,
    engine: meta.ask.engine,
    model: meta.ask.model,
    model_digest: meta.digest,
    created_at: new Date(meta.createdMs).toISOString(),
    starts: meta.starts,
    inputs: meta.inputs,
    shard: meta.shard ?? null,
    discovered: meta.discovered,
    counts: countsOf(meta),
    outputs: lastOutputs(meta),
  };
}

function countsOf({ counts }: RunMeta): Status['counts'] {
  const { items, ok, blank, notOk, skipped, left, codes } = counts ?? NOTHING_YET;
  return { items, ok, blank, not_ok: notOk, skipped, left, codes };
}

/** Each output once, as it was written last. */
function lastOutputs({ outputs }: RunMeta): Status['outputs'] {
  const last = new Map(outputs.map((output) => [output.path, output]));
  return [...last.values()].map(({ path, rows, finished }) => ({ path, rows, finished }));
}

function statusLines(status: Status): readonly string[] {
  const { counts, coordinator, outputs } = status;
  const model = status.model === null ? status.engine : `${status.model} on ${status.engine}`;
  const state =
    coordinator === null
      ? counts.left > 0 || !status.discovered
        ? 'stopped'
        : 'done'
      : `running: process ${coordinator.pid} on ${coordinator.machine}`;
  const part = status.shard === null ? '' : `  shard ${shardName(status.shard)}`;
  const numbers = (['ok', 'blank', 'not_ok', 'skipped', 'left'] as const).map(
    (name) => `${counts[name]} ${name.replace('_', ' ')}`,
  );
  return [
    `${status.name}  ${status.task} by ${model}  ${state}${part}`,
    `items ${counts.items} = ${numbers.join(' + ')}`,
    ...Object.entries(counts.codes).map(([code, rows]) => `  ${rows} ${code}`),
    ...outputs.map((output) => `output ${output.path}  ${output.rows} rows${output.finished ? '' : ' so far'}`),
    `store ${status.store}  run ${status.run_id}  start ${status.starts}`,
  ];
}
