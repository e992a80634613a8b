import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { createBullmqConnection } from '../../jobs/bullmq-connection.js';
import { createBullmqQueue } from '../../jobs/bullmq-queue.js';
import { fingerprint } from '../../src/core/fingerprint.js';
import { Tally } from '../../src/core/tally.js';
import { SILENT } from '../../src/core/telling.js';
import { discover } from '../../src/inputs/discover.js';
import { commonRoot, nameRoots } from '../../src/inputs/input-folders.js';
import { resolveInputs } from '../../src/inputs/resolve.js';
import { discoverInto } from '../../src/producer/discover-into.js';
import { Frontier } from '../../src/producer/frontier.js';
import { produce } from '../../src/producer/produce.js';
import { BATCH, Window } from '../../src/producer/window.js';
import { openStore } from '../../src/results/store.js';
import { thisProcess } from '../../src/results/store-lock.js';
import { anAsk, aRunMeta } from '../support/builders.js';
import { testFolder } from '../support/images.js';
import { startRedis } from '../support/redis.js';
import { bareFiles, secondsFor } from './bare-walk.js';
import { type BenchOptions, type BenchResult, median } from './bench.js';
import { writeJpegs } from './jpegs.js';

const ROUNDS = 3;

/** Where a round finds its files and leaves its jobs. */
interface Round {
  readonly scans: string;
  /** For a store of this round's own. */
  readonly dir: string;
  readonly redisUrl: string;
}

/** Files into a queue on Redis that nobody serves: time of a bare opendir and stat walk with addBulk ÷ ours. */
export async function producer({ quick }: BenchOptions): Promise<readonly BenchResult[]> {
  const count = quick ? 20_000 : 100_000;
  await using folder = await testFolder();
  const scans = folder.at('scans');
  await writeJpegs(scans, { count, aFolder: 1_000, bytes: 700 });
  const rounds: { readonly bare: number; readonly ours: number }[] = [];
  for (let n = 0; n < ROUNDS; n += 1) {
    const bare = await onFreshRedis({ scans, dir: '' }, bareProducer, count);
    rounds.push({ bare, ours: await onFreshRedis({ scans, dir: folder.at(`store-${n}`) }, ourProducer, count) });
  }
  const seconds = (of: 'bare' | 'ours') => median(rounds.map((round) => round[of])).toFixed(2);
  return [
    {
      name: 'producer',
      ratio: median(rounds.map(({ bare, ours }) => bare / ours)),
      reach: 0.5,
      better: 'higher',
      detail: { files: count, 'ours s': seconds('ours'), 'bare s': seconds('bare') },
    },
  ];
}

async function onFreshRedis(
  round: Omit<Round, 'redisUrl'>,
  run: (round: Round) => Promise<number>,
  count: number,
): Promise<number> {
  await using redis = await startRedis();
  return await secondsFor(() => run({ ...round, redisUrl: redis.url }), count);
}

async function bareProducer({ scans, redisUrl }: Round): Promise<number> {
  const connection = new Redis(redisUrl, { maxRetriesPerRequest: null });
  const queue = new Queue('bare', { connection });
  let files = 0;
  let batch: { name: string; data: { path: string } }[] = [];
  const flush = async () => {
    await queue.addBulk(batch);
    files += batch.length;
    batch = [];
  };
  for await (const path of bareFiles(scans)) {
    batch.push({ name: 'item', data: { path } });
    if (batch.length === BATCH) await flush();
  }
  await flush();
  await queue.close();
  connection.disconnect();
  return files;
}

/** Discovery into the store and out of it into the queue, as a run does it, with room for everything. */
async function ourProducer({ scans, dir, redisUrl }: Round): Promise<number> {
  const inputs = await resolveInputs([scans], {
    cwd: scans,
    idColumns: [],
    imageColumns: [],
    severalImages: false,
    ...{ delimiter: null, quote: null, encoding: null, wordColumns: [] },
    base: null,
  });
  const roots = nameRoots(inputs, commonRoot(inputs, scans));
  const coordinator = thisProcess();
  const store = await openStore(dir, {
    coordinator,
    logger: SILENT,
    now: Date.now,
    folderCheckMs: 60_000,
    onLost: () => {},
  });
  const meta = aRunMeta();
  await store.writeMeta(meta);
  const connection = await createBullmqConnection({ url: redisUrl, logger: SILENT });
  const queue = createBullmqQueue({ connection, runId: meta.runId, prefix: '{bench}' });
  const { signal } = new AbortController();
  const tally = new Tally();
  const frontier = new Frontier();
  const discovery = await store.discovery();
  const discovering = discoverInto({
    found: discover(inputs, { roots, include: [], exclude: [] }),
    discovery,
    onRepeat: 'error',
    isMixed: false,
    onFrontier: (folder) => frontier.moveTo(folder),
    signal,
  }).finally(() => frontier.complete());
  await produce({
    batches: () => frontier.batches((range) => store.items(range)),
    runId: meta.runId,
    fingerprint: fingerprint(anAsk()),
    policy: { accepted: meta.accepted, redo: false, retry: 'none', start: 1 },
    limit: null,
    queue,
    window: new Window({ queue, size: () => Number.MAX_SAFE_INTEGER, signal }),
    tally,
    pending: new Set(),
    outcome: (key) => store.outcome(key),
    uncleanEnds: () => 0,
    carryOver: async () => null,
    write: async () => {},
    onKept: async () => {},
    derive: () => null,
    settle: async () => {},
    fail: async () => {},
    signal,
  });
  await discovering;
  await discovery.finish();
  await queue.close();
  await connection.close();
  await store.close();
  return tally.counts().items;
}
