import type { Settings } from '../../../config/schema.js';
import type { Queue } from '../../../jobs/queue.js';
import type { Collector } from '../../../workers/collector.js';
import type { ItemReaders } from '../../../workers/item-images.js';
import { isFileClaim } from '../../core/errors.js';
import { EXIT, ExitError } from '../../core/exit.js';
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
import { discoverInto } from '../../producer/discover-into.js';
import { markDuplicates } from '../../producer/duplicates.js';
import { Frontier } from '../../producer/frontier.js';
import { type ProduceOptions, produce } from '../../producer/produce.js';
import { reconcile } from '../../producer/reconcile.js';
import { Window } from '../../producer/window.js';
import type { Discovery } from '../../results/discovery.js';
import type { RunStore } from '../../results/store.js';
import type { Urls } from '../urls.js';
import { carryOver, rememberedSha256 } from './carry-over.js';
import { derivedRecord, sourceSha256, wordsOf } from './duplicates.js';
import { FilesWithoutPages, knownPage } from './known-pages.js';
import { inputsOf } from './open-run.js';
import { Recheck } from './recheck.js';
import type { RunState } from './run-state.js';

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

/** Below this many, vanished items are a person's tidying, not an unmounted disk. */
const LEAST_GONE = 20;
const MOST_GONE_SHARE = 0.05;

/** Brings the items of the inputs into the queue, and waits until each has its record. */
export class Production {
  readonly #options: ProductionOptions;
  readonly #found = new Map<string, number>();
  readonly #sha256 = rememberedSha256();
  #lost = 0;
  #discovering = true;
  #allKnown = false;
  #recheck: Recheck | null = null;

  constructor(options: ProductionOptions) {
    this.#options = options;
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
    const { settings, state, store } = this.#options;
    const discovery = await store.discovery();
    const found = this.#counted(this.#find(signal));
    // which item comes first with its bytes is known when all were found
    const onFrontier = (folder: number) => (settings.dedupe ? undefined : frontier.moveTo(folder));
    const notImages = await discoverInto({
      ...{ found, discovery, onFrontier, signal },
      onRepeat: settings.onRepeat === 'number' ? 'number' : 'error',
    });
    if (notImages === null || signal.aborted) return;
    if (!settings.allowShrink) this.#refuseShrinkage(await discovery.shrinkage());
    if (settings.dedupe) await this.#markDuplicates(discovery, signal);
    if (signal.aborted) return;
    await discovery.finish();
    await state.change({ discovered: true, notImages, found: Object.fromEntries(this.#found) });
    this.#discovering = false;
  }

  #markDuplicates(discovery: Discovery, signal: AbortSignal): Promise<void> {
    const { readers, state, store } = this.#options;
    return markDuplicates({
      items: () => store.items(),
      contents: store.contents,
      sha256: (source) => sourceSha256(source, readers.open),
      wordsOf: wordsOf(state.meta.ask),
      replace: (items) => discovery.replace(items),
      signal,
    });
  }

  #find(signal: AbortSignal): AsyncIterable<Found> {
    const { inputs, roots, settings, state, urls } = this.#options;
    const { exclude, groupBy, include, onRepeat } = settings;
    const { profile, stitch, task } = state.meta.ask;
    const options = { roots, include, exclude, addresses: urls };
    const maxImages = stitch ? null : profile.maxImages;
    const listed = inputs.filter((input) => input.kind === 'items');
    if (maxImages !== null) for (const input of listed) refuseLargeItems(input, maxImages);
    if (task !== 'compare' || listed.length > 0) return this.#pagesIn(discover(inputs, options));
    const rowsTogether = onRepeat === null || onRepeat === 'group';
    return discoverGroups(inputs, { ...options, by: groupBy, rowsTogether, maxImages, signal });
  }

  async *#pagesIn(found: AsyncIterable<Found>): AsyncGenerator<Found> {
    const { countPages, logger, readers, settings, store } = this.#options;
    const without = new FilesWithoutPages();
    yield* expandPages(found, {
      ranges: settings.pages,
      frames: settings.frames,
      open: readers.openPages,
      count: countPages,
      known: (key) => knownPage(store.record(key)),
      onNone: (item) => without.add(item.key),
    });
    if (without.count > 0) logger.info(without.sentence);
  }

  async *#counted(all: AsyncIterable<Found>): AsyncGenerator<Found> {
    const names = inputsOf(this.#options.inputs);
    for await (const found of all) {
      if (found.kind === 'item' && found.item.problem === undefined) {
        const name = names[found.input] ?? '';
        this.#found.set(name, (this.#found.get(name) ?? 0) + 1);
      } else if (found.kind === 'item' && this.#isLost(found.item)) this.#lost += 1;
      yield found;
    }
  }

  /** Whether an item that has an answer is still named, as by a manifest, but its file is gone. */
  #isLost({ key, problem }: FoundItem): boolean {
    if (problem === undefined || !isFileClaim(problem.code)) return false;
    const outcome = this.#options.store.outcome(key);
    return outcome !== undefined && outcome.code === null;
  }

  /** An unmounted disk must not empty yesterday's file. */
  #refuseShrinkage({ done, gone }: { readonly done: number; readonly gone: number }): void {
    const fix = 'Is everything mounted? If they are meant to be gone: --allow-shrink.';
    const before = this.#options.state.meta.found;
    for (const name of inputsOf(this.#options.inputs)) {
      const items = before[name] ?? 0;
      if (items > 0 && !this.#found.has(name)) {
        throw new ExitError(EXIT.usage, `${name} held ${items} items at the last start and holds none now.`, { fix });
      }
    }
    const away = gone + this.#lost;
    if (away >= LEAST_GONE && away > done * MOST_GONE_SHARE) {
      const which = this.#lost === 0 ? 'gone from the inputs' : `gone, of ${this.#lost} the file only`;
      throw new ExitError(EXIT.usage, `${away} of ${done} items that are done are ${which}.`, { fix });
    }
  }

  #tellUnanswered(): void {
    const sentence = this.#recheck?.sentence ?? null;
    if (sentence !== null) this.#options.logger.warn(sentence);
  }

  #carryOver(item: FoundItem, touched: boolean): Promise<boolean> {
    const { readers, state, store } = this.#options;
    const open = (item.pages ?? 1) > 1 ? readers.openPages : readers.open;
    return carryOver(item, { store, open, ask: state.meta.ask, touched, sha256: this.#sha256, recheck: this.#recheck });
  }

  #produceOptions(signal: AbortSignal, batches: ProduceOptions['batches']): ProduceOptions {
    const { collector, onKept, pending, queue, record, settings, state, store, tally, windowSize } = this.#options;
    const { runId, fingerprint, accepted, starts, suspects } = state.meta;
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
        retry: settings.retryFailed.length === 0 ? 'none' : codes,
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
      carryOver: (item, touched) => this.#carryOver(item, touched),
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
