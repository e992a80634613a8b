import { hostname } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Settings } from '../../config/schema.js';
import { Collector } from '../../workers/collector.js';
import { VisionError } from '../core/errors.js';
import { EXIT, ExitError } from '../core/exit.js';
import type { SourceReader } from '../core/item.js';
import type { RecordContext } from '../core/outcome-record.js';
import { Tally } from '../core/tally.js';
import type { LaneStatus, RunCounts } from '../core/telling.js';
import { profileFor } from '../engines/profiles/profile.js';
import { sourceReader } from '../inputs/open.js';
import type { ResolvedInput } from '../inputs/resolve.js';
import { windowSize } from '../producer/window.js';
import { BlindLanes } from './blind-lanes.js';
import { coordinate, type RunEnd } from './coordinate.js';
import { asExit } from './fatal.js';
import { Herald } from './herald.js';
import { HostsDown, noHostLeft } from './hosts-down.js';
import type { Io } from './io.js';
import { type Identity, LaneSet, type ServedHost } from './lane-set.js';
import { limitsOf } from './limits.js';
import type { OpenedRun } from './open-run.js';
import type { Outputs } from './outputs.js';
import { createPixelPool, MAX_SOURCE_BYTES } from './parts.js';
import { Production } from './production.js';
import { Pulse } from './pulse.js';
import { RunState } from './run-state.js';
import type { Shutdown } from './shutdown.js';
import { Teller } from './teller.js';
import type { Telling } from './telling.js';
import type { Transport } from './transport.js';

export interface SessionOptions {
  readonly inputs: readonly ResolvedInput[];
  readonly opened: OpenedRun;
  readonly settings: Settings;
  readonly hosts: readonly ServedHost[];
  readonly transport: Transport;
  readonly outputs: Outputs;
  readonly shutdown: Shutdown;
  readonly telling: Telling;
  /** Rejects when the store is lost. */
  readonly lost: Promise<never>;
  readonly io: Io;
}

/** How one start of a run ended. */
export interface SessionEnd {
  readonly end: RunEnd;
  readonly counts: RunCounts;
  /** Rows that this start made. */
  readonly made: number;
  readonly lanes: readonly LaneStatus[];
  readonly notImages: Readonly<Record<string, number>>;
}

/** What workers elsewhere get to leave a run that is done. */
const LEAVE_MS = 5_000;
const LOOK_EVERY_MS = 100;

/** One start of a run: everything that is built for it, and what holds it together. */
export class Session {
  readonly #options: SessionOptions;
  readonly #identity: Identity;
  readonly #state: RunState;
  readonly #tally = new Tally();
  readonly #pending = new Set<string>();
  readonly #herald: Herald;
  readonly #open: SourceReader;
  readonly #collector: Collector;
  readonly #lanes: LaneSet;
  readonly #production: Production;
  readonly #hostsDown: HostsDown;
  readonly #teller: Teller;
  #made = 0;
  #fail: (error: unknown) => void = () => {};
  readonly #fatal: Promise<never>;

  constructor(options: SessionOptions) {
    this.#options = options;
    const { opened, io, settings, telling, transport } = options;
    this.#identity = { machine: hostname(), pid: process.pid, version: io.version };
    this.#state = new RunState(opened.store, opened.meta);
    this.#fatal = new Promise<never>((_, reject) => {
      this.#fail = reject;
    });
    this.#fatal.catch(() => {}); // awaited by the coordination
    options.lost.catch((error: unknown) => this.#fail(error));
    const extra = settings.roots.map(({ name, path: at }) => ({ name, path: path.resolve(io.cwd, at) }));
    this.#open = sourceReader([...opened.roots, ...extra], { maxBytes: MAX_SOURCE_BYTES });
    this.#herald = new Herald({
      fleet: transport.fleet,
      state: this.#state,
      roots: opened.roots,
      limits: limitsOf(settings),
      holder: `${this.#identity.machine}:${this.#identity.pid}`,
    });
    this.#collector = this.#makeCollector();
    this.#lanes = this.#makeLanes();
    this.#production = this.#makeProduction();
    const { logger } = telling;
    this.#hostsDown = new HostsDown({
      lanes: () => this.#lanes.all(),
      timeoutMs: settings.hostsDownTimeoutMs,
      mayJoin: transport.shared,
      logger,
    });
    this.#teller = new Teller({
      progress: telling.progress,
      counts: () => this.#tally.counts(),
      made: () => this.#made,
      discovering: () => this.#production.discovering,
      lanes: () => this.#lanes.all(),
      waitingFor: () => this.#hostsDown.waitingFor,
    });
  }

  /** Runs until every item has its row, a stop, or an error that ends the start. */
  async run(): Promise<SessionEnd> {
    const { opened, outputs } = this.#options;
    await this.#herald.lease();
    await this.#herald.publish('producing');
    const pulse = this.#pulse();
    try {
      const end = await this.#coordinate();
      await pulse.stop();
      await this.#saveCounts();
      if (end === 'stopped') await outputs.exportSoFar();
      else await this.#finish();
      await opened.store.clearRunning(opened.store.running());
      return this.#summary(end);
    } catch (error) {
      await pulse.stop();
      await this.#saveCounts().catch(() => {});
      if (!(error instanceof ExitError && error.exitCode === EXIT.usage)) await outputs.exportSoFar().catch(() => {});
      throw asExit(error);
    } finally {
      await this.#herald.release().catch(() => {});
    }
  }

  /** Writes the outputs; then nothing of the run stays in the queue. */
  async #finish(): Promise<void> {
    const { outputs, transport } = this.#options;
    if (this.#tally.counts().items > 0) await outputs.exportFinished();
    const { runId } = this.#state.meta;
    await this.#herald.publish('done');
    const untilMs = Date.now() + LEAVE_MS;
    while (Date.now() < untilMs && (await transport.fleet.lanes(runId)).length > 0) await sleep(LOOK_EVERY_MS);
    await transport.queue.purge();
    await transport.fleet.remove(runId);
  }

  #pulse(): Pulse {
    const { outputs, shutdown } = this.#options;
    return new Pulse({
      hostsDown: this.#hostsDown,
      herald: this.#herald,
      lanes: this.#lanes,
      teller: this.#teller,
      outputs,
      saveCounts: () => this.#saveCounts(),
      stopping: shutdown.draining,
      onError: (error) => this.#fail(error),
    });
  }

  async #coordinate(): Promise<RunEnd> {
    const { shutdown, transport } = this.#options;
    const looked = this.#lanes.start().then(() => this.#refuseIfNobodyServes());
    looked.catch((error: unknown) => this.#fail(error));
    return coordinate({
      queue: transport.queue,
      lanes: this.#lanes,
      collector: this.#collector,
      shutdown,
      produce: async (signal) => {
        if (this.#needsDigest()) await looked;
        return this.#production.run(signal);
      },
      fatal: this.#fatal,
      onStopping: (stage) => this.#herald.publish(stage),
    });
  }

  /** Rows of another digest are kept or not: to know, the model's digest must be known first. */
  #needsDigest(): boolean {
    const { accepted, digest, fingerprint } = this.#state.meta;
    return digest === null && !accepted.some((ask) => ask.fingerprint === fingerprint && ask.digest === null);
  }

  /** Without workers elsewhere, a start that no host can serve ends at once, with each host's reason. */
  #refuseIfNobodyServes(): void {
    const own = this.#lanes.own();
    if (this.#options.transport.shared || own.some(({ state }) => state === 'serving' || state === 'closing')) return;
    if (this.#options.shutdown.draining.aborted) return;
    throw noHostLeft(own);
  }

  #makeCollector(): Collector {
    const { opened, outputs, telling, transport } = this.#options;
    const blind = new BlindLanes({
      roots: opened.roots,
      open: this.#open,
      isOwn: (lane) => this.#lanes.own().some((own) => own.lane === lane),
      herald: this.#herald,
      state: this.#state,
      queue: transport.queue,
      logger: telling.logger,
    });
    return new Collector({
      queue: transport.queue,
      record: () => this.#record(),
      tally: this.#tally,
      pending: this.#pending,
      put: async (batch) => {
        await opened.store.put(batch);
        await opened.store.clearRunning(batch.map(({ record }) => record.id));
      },
      isThere: (record, lane) => blind.isThere(record, lane),
      onBlindLane: (lane, record) => blind.expel(lane, record),
      onRecords: async (records) => {
        this.#made += records.length;
        for (const { id, status, error } of records) {
          telling.logger.debug(`${id}: ${status}${error === null ? '' : ` ${error.code}: ${error.message}`}`);
        }
        await outputs.stream(records);
      },
    });
  }

  #makeLanes(): LaneSet {
    const { hosts, opened, telling, transport } = this.#options;
    const { ask } = opened.meta;
    const { store } = opened;
    return new LaneSet({
      hosts,
      run: this.#herald.entry,
      ask,
      queue: transport.queue,
      fleet: transport.fleet,
      identity: this.#identity,
      open: this.#open,
      prepare: createPixelPool(),
      imagePlacement: ask.model === null ? 'before' : profileFor(ask.model).imagePlacement,
      onDigest: (digest) => this.#state.pinDigest(digest),
      onTaken: (key) => {
        if (!transport.shared) store.markRunning([key]).catch((error: unknown) => this.#fail(error));
      },
      onStop: (failure) => this.#fail(new VisionError(failure.code, failure.message)),
      logger: telling.logger,
    });
  }

  #makeProduction(): Production {
    const { inputs, opened, settings, transport } = this.#options;
    return new Production({
      inputs,
      roots: opened.roots,
      settings,
      store: opened.store,
      state: this.#state,
      queue: transport.queue,
      collector: this.#collector,
      record: () => this.#record(),
      tally: this.#tally,
      pending: this.#pending,
      open: this.#open,
      windowSize: () => settings.window ?? windowSize(this.#lanes.all().reduce((sum, lane) => sum + lane.slots, 0)),
      onKept: (key) => this.#options.outputs.streamKept(key),
      onDiscovered: () => this.#herald.publish('draining'),
    });
  }

  #record(): RecordContext {
    const { ask, fingerprint, digest } = this.#state.meta;
    return { ask, fingerprint, digest };
  }

  #saveCounts(): Promise<void> {
    return this.#state.change({ counts: this.#tally.counts() });
  }

  #summary(end: RunEnd): SessionEnd {
    const { notImages } = this.#state.meta;
    return { end, counts: this.#tally.counts(), made: this.#made, lanes: this.#teller.lanesSeen(), notImages };
  }
}

export function runSession(options: SessionOptions): Promise<SessionEnd> {
  return new Session(options).run();
}
