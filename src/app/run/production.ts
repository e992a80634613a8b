import type { Settings } from '../../../config/schema.js';
import type { Queue } from '../../../jobs/queue.js';
import type { Collector } from '../../../workers/collector.js';
import type { ItemReaders } from '../../../workers/item-images.js';
import type { FoundItem, PageCounter } from '../../core/item.js';
import { type RecordContext, unaskedRecord } from '../../core/outcome-record.js';
import type { Tally } from '../../core/tally.js';
import type { Logger } from '../../core/telling.js';
import { discover } from '../../inputs/discover.js';
import type { Found } from '../../inputs/found.js';
import { discoverGroups } from '../../inputs/groups/group.js';
import { refuseLargeItems } from '../../inputs/lists/listed.js';
import { expandPages } from '../../inputs/pages.js';
import type { ResolvedInput } from '../../inputs/resolve.js';
import type { RunRoots } from '../../inputs/roots.js';
import { ShardItems } from '../../inputs/shard-items.js';
import { patientReader } from '../../inputs/urls/patient-reader.js';
import { createKnownBytes } from '../../pixels/known-bytes.js';
import { discoverInto } from '../../producer/discover-into.js';
import { markDuplicates } from '../../producer/duplicates.js';
import { Frontier } from '../../producer/frontier.js';
import { type ProduceOptions, produce } from '../../producer/produce.js';
import { reconcile } from '../../producer/reconcile.js';
import { Window } from '../../producer/window.js';
import type { Discovery } from '../../results/discovery.js';
import type { RunStore } from '../../results/store.js';
import type { Urls } from '../urls.js';
import { carryOver } from './carry-over.js';
import { derivedRecord, sourceSha256, wordsOf } from './duplicates.js';
import { FilesWithoutPages, knownPage } from './known-pages.js';
import { isWithoutInk } from './made.js';
import { inputsOf } from './open-run.js';
import { Recheck } from './recheck.js';
import type { RunState } from './run-state.js';
import { Shrinkage } from './shrinkage.js';
import { Unread } from './unread.js';

export interface ProductionOptions {
  readonly inputs: readonly ResolvedInput[];
  readonly roots: RunRoots;
  readonly settings: Settings;
  readonly store: RunStore;
  readonly state: RunState;
  readonly queue: Queue;
  readonly collector: Collector;
  readonly record: () => RecordContext;
  readonly tally: Tally;
  readonly pending: Set<string>;
  readonly readers: ItemReaders;
  readonly countPages: PageCounter;
  readonly logger: Logger;
  /** Asks sites whether images have changed. */
  readonly urls: Urls;
  /** Told of every item whose row stands although this start did not wait for it. */
  readonly onKept: (key: string) => Promise<void>;
  /** Jobs that may be outstanding at once, now. */
  readonly windowSize: () => number;
  /** Every item was added. */
  readonly onDiscovered: () => Promise<void>;
}

/** Brings the items of the inputs into the queue, and waits until each has its record. */
export class Production {
  readonly #options: ProductionOptions;
  readonly #shard: ShardItems | null;
  readonly #shrinkage: Shrinkage;
  readonly #knownBytes = createKnownBytes();
  #discovering = true;
  #allKnown = false;
  #recheck: Recheck | null = null;
  readonly #unread = new Unread();

  constructor(options: ProductionOptions) {
    this.#options = options;
    const { inputs, settings, state, store } = options;
    this.#shard = settings.shard === null ? null : new ShardItems(settings.shard);
    this.#shrinkage = new Shrinkage({
      inputs: inputsOf(inputs),
      before: state.meta.found,
      outcome: (key) => store.outcome(key),
    });
  }

  /** Whether items are still being looked for. */
  get discovering(): boolean {
    return this.#discovering;
  }

  /** Whether every item of the inputs is known and has its record. */
  get complete(): boolean {
    return this.#allKnown && this.#options.tally.left === 0;
  }

  /** True when every item has its record; false where the signal ended it early. */
  async run(signal: AbortSignal): Promise<boolean> {
    const { store } = this.#options;
    const frontier = new Frontier();
    const failed = new AbortController();
    const either = AbortSignal.any([signal, failed.signal]);
    if (this.#options.settings.recheckUrls) this.#recheck = new Recheck(this.#options.urls, either);
    const options = this.#produceOptions(either, () => frontier.batches((range) => store.items(range)));
    const discovering = this.#discover(frontier, either)
      .catch((error: unknown) => {
        failed.abort();
        throw error;
      })
      .finally(() => frontier.complete()); // after the abort: what was found of refused inputs is nobody's item
    await Promise.all([discovering, produce(options)]);
    this.#tellUnanswered();
    if (signal.aborted) return false;
    this.#allKnown = true;
    await this.#options.onDiscovered();
    await reconcile({ ...options, batches: () => allOf(store) });
    return this.complete;
  }

  async #discover(frontier: Frontier, signal: AbortSignal): Promise<void> {
    const { inputs, settings, state, store } = this.#options;
    const discovery = await store.discovery();
    // which item comes first with its bytes is known when all were found
    const onFrontier = (folder: number) => (settings.dedupe ? undefined : frontier.moveTo(folder));
    const notImages = await discoverInto({
      found: this.#seen(this.#find(signal)),
      discovery,
      onRepeat: settings.onRepeat === 'number' ? 'number' : 'error',
      isMixed: inputs.length > 1,
      onFrontier,
      signal,
    });
    if (notImages === null || signal.aborted) return;
    if (!settings.allowShrink) await this.#shrinkage.refuse(discovery);
    if (settings.dedupe) await this.#markDuplicates(discovery, signal);
    if (signal.aborted) return;
    await discovery.finish();
    const shard = this.#shard?.count ?? null;
    await state.change({ discovered: true, notImages, found: this.#shrinkage.found, shard });
    this.#discovering = false;
  }

  #markDuplicates(discovery: Discovery, signal: AbortSignal): Promise<void> {
    const { readers, settings, state, store } = this.#options;
    return markDuplicates({
      items: () => store.items(),
      contents: store.contents,
      sha256: (source) => sourceSha256(source, readers.open),
      wordsOf: wordsOf(state.meta.ask),
      anew: settings.redo,
      replace: (items) => discovery.replace(items),
      signal,
    });
  }

  #find(signal: AbortSignal): AsyncIterable<Found> {
    const { inputs, roots, settings, state, urls } = this.#options;
    const { exclude, groupBy, include, onRepeat } = settings;
    const { profile, stitch, task } = state.meta.ask;
    const options = { roots, include, exclude, addresses: urls, signal };
    const maxImages = stitch ? null : profile.maxImages;
    const listed = inputs.filter((input) => input.kind === 'items');
    if (maxImages !== null) for (const input of listed) refuseLargeItems(input, maxImages);
    const mine = (found: AsyncIterable<Found>) => this.#shard?.mark(found) ?? found;
    if (task !== 'compare' || listed.length > 0) return this.#pagesIn(mine(discover(inputs, options)), signal);
    const rowsTogether = onRepeat === null || onRepeat === 'group';
    return mine(discoverGroups(inputs, { ...options, by: groupBy, rowsTogether, maxImages }));
  }

  async *#pagesIn(found: AsyncIterable<Found>, signal: AbortSignal): AsyncGenerator<Found> {
    const { countPages, logger, readers, settings, store } = this.#options;
    const without = new FilesWithoutPages();
    yield* expandPages(found, {
      ranges: settings.pages,
      frames: settings.frames,
      open: patientReader(readers.openPages, { signal }),
      count: countPages,
      known: (key) => knownPage(store.record(key)),
      isUnchanged: async (source, key) => (await this.#recheck?.isUnchanged(source, store.record(key))) ?? true,
      onNone: (one) => {
        without.add(one.item.key);
        this.#shrinkage.seeNone(one);
      },
    });
    if (without.sentence !== null) logger.info(without.sentence);
  }

  async *#seen(all: AsyncIterable<Found>): AsyncGenerator<Found> {
    for await (const found of all) {
      if (found.kind === 'item') this.#shrinkage.see(found);
      yield found;
    }
  }

  #tellUnanswered(): void {
    for (const sentence of [this.#recheck?.sentence ?? null, this.#unread.sentence]) {
      if (sentence !== null) this.#options.logger.warn(sentence);
    }
  }

  #carryOver(item: FoundItem, touched: boolean, signal: AbortSignal): ReturnType<ProduceOptions['carryOver']> {
    const { readers, state, store } = this.#options;
    const open = (item.pages ?? 1) > 1 ? readers.openPages : readers.open;
    const sha256 = (bytes: Uint8Array) => this.#knownBytes(bytes).sha256();
    const kept = { store, ask: state.meta.ask, recheck: this.#recheck, onUnread: this.#unread.add };
    return carryOver(item, { ...kept, open, touched, sha256, signal });
  }

  #produceOptions(signal: AbortSignal, batches: ProduceOptions['batches']): ProduceOptions {
    const { collector, onKept, pending, queue, record, settings, state, store, tally, windowSize } = this.#options;
    const { accepted, ask, fingerprint, runId, starts, suspects } = state.meta;
    const codes = new Set(settings.retryFailed);
    return {
      batches,
      runId,
      fingerprint,
      policy: {
        accepted,
        redo: settings.redo,
        dedupe: settings.dedupe,
        recheckUrls: settings.recheckUrls,
        allowPrivateUrls: settings.allowPrivateUrls,
        retry: settings.retryFailed.length === 0 ? 'none' : codes,
        isUnasked: (key) => !ask.pixels.blankCheck && isWithoutInk(store.record(key)),
        start: starts,
      },
      limit: settings.limit,
      queue,
      window: new Window({ queue, size: windowSize, signal }),
      tally,
      pending,
      outcome: (key) => store.outcome(key),
      uncleanEnds: (key) => suspects[key] ?? 0,
      onKept,
      carryOver: (item, touched) => this.#carryOver(item, touched, signal),
      write: (batch) => store.put(batch),
      derive: (item) => derivedRecord(item, store, Date.now()),
      settle: (records) => collector.settle(records.map((record) => ({ record, attempts: [] }))),
      fail: async (items) => {
        const nowMs = Date.now();
        const records = items.map(({ item, failure }) => unaskedRecord(record(), item, { failure, nowMs }));
        await collector.settle(records.map((made) => ({ record: made, attempts: [] })));
      },
      signal,
    };
  }
}

/** Every item in input order, in batches. */
async function* allOf(store: RunStore): AsyncGenerator<readonly FoundItem[]> {
  const all = new Frontier();
  all.complete();
  yield* all.batches((range) => store.items(range));
}
