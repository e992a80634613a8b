import path from 'node:path';
import type { Settings } from '../../../config/schema.js';
import type { RunLimits } from '../../../jobs/fleet.js';
import type { Check } from '../../../jobs/schema/validator.js';
import { Collector } from '../../../workers/collector.js';
import type { ItemReaders } from '../../../workers/item-images.js';
import type { VerifyText } from '../../../workers/verifier.js';
import { VisionError } from '../../core/errors.js';
import type { RecordContext } from '../../core/outcome-record.js';
import type { VisionRecord } from '../../core/record.js';
import { Tally } from '../../core/tally.js';
import type { Logger } from '../../core/telling.js';
import { unlessAborted } from '../../core/unless-aborted.js';
import type { ResolvedInput } from '../../inputs/resolve.js';
import type { Pixels } from '../../pixels/prepare.js';
import { windowSize } from '../../producer/window.js';
import type { ServedHost } from '../hosts.js';
import { type Identity, newIdentity } from '../identity.js';
import type { Io } from '../io.js';
import { LaneSet } from '../lanes/lane-set.js';
import type { Outputs } from '../outputs.js';
import type { ModelPulls } from '../pulls.js';
import { readersOf } from '../readers.js';
import type { Shutdown } from '../shutdown.js';
import { createSlotMemory } from '../slot-memory.js';
import type { Telling } from '../telling.js';
import type { Transport } from '../transport.js';
import type { Urls } from '../urls.js';
import { BlindLanes } from './blind-lanes.js';
import { Herald } from './herald.js';
import { HostsDown } from './hosts-down.js';
import { Made } from './made.js';
import type { OpenedRun } from './open-run.js';
import { Production } from './production.js';
import { RunState } from './run-state.js';
import { Teller } from './teller.js';
import { workersBeside } from './turn.js';

export interface SessionOptions {
  readonly inputs: readonly ResolvedInput[];
  readonly opened: OpenedRun;
  readonly settings: Settings;
  readonly hosts: readonly ServedHost[];
  readonly transport: Transport;
  readonly outputs: Outputs;
  readonly shutdown: Shutdown;
  readonly telling: Telling;
  /** When the run was begun, by the fleet's clock. */
  readonly startedMs: number;
  /** Rejects when the store is lost. */
  readonly lost: Promise<never>;
  /** What every lane is told, here and elsewhere. */
  readonly limits: RunLimits;
  /** What would fit into a context of so many tokens, in words for people; null where all does. */
  readonly contextAdvice: (contextTokens: number) => string | null;
  readonly pixels: Pixels;
  /** Fetches images. */
  readonly urls: Urls;
  /** Validates data where the user's schema says more than JSON Schema can; or null. */
  readonly check: Check | null;
  /** Reads pages a second time; null where nobody asked for it. */
  readonly verify: VerifyText | null;
  /** Brings the model onto hosts that lack it; null where nobody asked for that. */
  readonly pulls: ModelPulls | null;
  readonly io: Io;
}

/** Everything that is built for one start of a run. */
export interface SessionParts {
  readonly state: RunState;
  readonly tally: Tally;
  /** Keys in the queue whose records this start waits for. */
  readonly pending: ReadonlySet<string>;
  readonly herald: Herald;
  readonly collector: Collector;
  readonly lanes: LaneSet;
  readonly production: Production;
  readonly hostsDown: HostsDown;
  readonly teller: Teller;
  readonly made: Made;
}

/** What the parts of a start have in common. */
interface Ground {
  readonly options: SessionOptions;
  readonly state: RunState;
  readonly record: () => RecordContext;
  readonly tally: Tally;
  readonly pending: Set<string>;
  readonly readers: ItemReaders;
  readonly identity: Identity;
  readonly herald: Herald;
  readonly fail: (error: unknown) => void;
}

/** Builds the parts of a start and ties them together; `fail` ends the start with an error. */
export function buildSession(options: SessionOptions, fail: (error: unknown) => void): SessionParts {
  const ground = groundOf(options, fail);
  const { herald, pending, state, tally } = ground;
  const { settings, telling, transport } = options;
  const lanes = lanesOf(ground);
  const { collector, made } = collectorOf(ground, lanes);
  const production = productionOf(ground, collector, lanes);
  const hostsDown = new HostsDown({
    lanes: () => lanes.all(),
    workers: transport.shared ? () => workersBeside(transport.fleet, state.meta.runId) : null,
    timeoutMs: settings.hostsDownTimeoutMs,
    isNeeded: () => pending.size > 0,
    logger: telling.logger,
  });
  const teller = new Teller({
    progress: telling.progress,
    counts: () => tally.counts(),
    made: () => made.rows,
    discovering: () => production.discovering,
    lanes: () => made.counted(lanes.all()),
    waitingFor: () => hostsDown.waitingFor,
  });
  return { state, tally, pending, herald, collector, lanes, production, hostsDown, teller, made };
}

function groundOf(options: SessionOptions, fail: (error: unknown) => void): Ground {
  const { inputs, io, limits, opened, outputs, transport } = options;
  const state = new RunState(opened.store, opened.meta);
  const record = (): RecordContext => {
    const { ask, fingerprint, digest } = state.meta;
    return { ask, fingerprint, digest };
  };
  const identity = newIdentity(options.settings, io.version);
  const herald = new Herald({
    fleet: transport.fleet,
    state,
    roots: inputs.every(({ kind }) => kind === 's3' || kind === 'url-archive') ? [] : opened.roots, // storage needs none on a worker
    limits,
    coordinator: identity.name,
    priority: options.settings.priority,
    startedMs: options.startedMs,
    holder: `${identity.machine}:${outputs.location.dir}`,
  });
  const readers = readersHere(options);
  return { options, state, record, tally: new Tally(), pending: new Set(), readers, identity, herald, fail };
}

function lanesOf({ fail, herald, identity, options, readers, state }: Ground): LaneSet {
  const { check, contextAdvice, hosts, io, opened, pixels, telling, transport, verify } = options;
  const { ask } = opened.meta;
  return new LaneSet({
    hosts,
    shared: transport.shared,
    run: herald.entry,
    ask,
    queue: transport.queue,
    fleet: transport.fleet,
    identity,
    readers,
    pixels,
    check,
    verify,
    contextAdvice,
    pulls: options.pulls,
    onDigest: (digests) => state.pinDigest(digests),
    slotMemory: createSlotMemory(io, telling.logger),
    onTaken: (key) => {
      if (!transport.shared) opened.store.markRunning([key]).catch(fail);
    },
    onGivenBack: (key) => {
      if (!transport.shared) opened.store.clearRunning([key]).catch(fail);
    },
    onStop: (failure) => fail(new VisionError(failure.code, failure.message)),
    logger: telling.logger,
  });
}

function collectorOf(ground: Ground, lanes: LaneSet): { readonly collector: Collector; readonly made: Made } {
  const { herald, options, pending, readers, record, tally } = ground;
  const { opened, outputs, telling, transport } = options;
  const { queue } = transport;
  const isOwn = (name: string) => lanes.own().some(({ lane }) => lane === name);
  const made = new Made();
  const collector = new Collector({
    queue,
    record,
    tally,
    pending,
    put: (batch) => opened.store.put(batch),
    blind: new BlindLanes({ open: readers.open, isOwn, herald, queue, logger: telling.logger }),
    onRecords: async (records) => {
      made.add(records);
      tellRecords(records, telling.logger);
    },
    onAwaited: (records) => outputs.stream(records),
  });
  return { collector, made };
}

function productionOf(ground: Ground, collector: Collector, lanes: LaneSet): Production {
  const { herald, options, pending, readers, record, state, tally } = ground;
  const { inputs, opened, outputs, pixels, settings, shutdown, telling, transport } = options;
  return new Production({
    inputs,
    roots: opened.roots,
    settings,
    store: opened.store,
    state,
    queue: transport.queue,
    collector,
    record,
    tally,
    pending,
    urls: options.urls,
    readers,
    countPages: (bytes) => pixels.pagesOf(bytes, { frames: settings.frames }),
    logger: telling.logger,
    windowSize: () => settings.window ?? windowSize(lanes.all().reduce((sum, lane) => sum + lane.slots, 0)),
    onKept: async (key) => void (await unlessAborted(shutdown.draining, outputs.streamKept(key))),
    onDiscovered: () => herald.publish('draining'),
  });
}

function readersHere({ io, opened, settings, urls }: SessionOptions): ItemReaders {
  const further = settings.roots.map(({ name, path: at }) => ({ name, path: path.resolve(io.cwd, at) }));
  return readersOf([...opened.roots, ...further], urls.read);
}

function tellRecords(records: readonly VisionRecord[], logger: Logger): void {
  for (const { id, status, error } of records) {
    logger.debug(`${id}: ${status}${error === null ? '' : ` ${error.code}: ${error.message}`}`);
  }
}
