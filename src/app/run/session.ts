import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT, ExitError } from '../../core/exit.js';
import type { ShardCount } from '../../core/shard.js';
import type { LaneStatus, RunCounts } from '../../core/telling.js';
import { unlessAborted } from '../../core/unless-aborted.js';
import type { NamedRows } from '../../telemetry/summary.js';
import { coordinate, type RunEnd } from './coordinate.js';
import { asExit } from './fatal.js';
import { noHostLeft } from './hosts-down.js';
import { Pulse } from './pulse.js';
import { buildSession, type SessionOptions, type SessionParts } from './session-parts.js';

/** How one start of a run ended. */
export interface SessionEnd {
  readonly end: RunEnd;
  readonly counts: RunCounts;
  /** Rows that this start made. */
  readonly made: number;
  readonly unwritten: NamedRows;
  readonly inPart: NamedRows;
  readonly lanes: readonly LaneStatus[];
  /** Whether every item of the inputs was found. */
  readonly discovered: boolean;
  readonly notImages: Readonly<Record<string, number>>;
  /** Which part of the inputs the run is over, and how much of them that is; null: all of them. */
  readonly shard: ShardCount | null;
}

/** What workers elsewhere get to leave a run that is done. */
const LEAVE_MS = 5_000;
const LOOK_EVERY_MS = 100;
/** What workers get to hear that a run has failed. */
const STAND_DOWN_MS = 2_000;

/** Runs one start until every item has its row, a stop, or an error that ends it. */
export async function runSession(options: Omit<SessionOptions, 'startedMs'>): Promise<SessionEnd> {
  const { createdMs, runId } = options.opened.meta;
  const startedMs = await options.transport.fleet.began(runId, Date.now() - createdMs);
  return await new Session({ ...options, startedMs }).run();
}

class Session {
  readonly #options: SessionOptions;
  readonly #parts: SessionParts;
  readonly #fatal: Promise<never>;
  #fail: (error: unknown) => void = () => {};

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#fatal = new Promise<never>((_, reject) => {
      this.#fail = reject;
    });
    this.#fatal.catch(() => options.outputs.stopStreaming()); // awaited by the coordination
    options.shutdown.aborting.addEventListener('abort', () => options.outputs.stopStreaming(), { once: true });
    options.lost.catch((error: unknown) => this.#fail(error));
    this.#parts = buildSession(options, (error) => this.#fail(error));
  }

  async run(): Promise<SessionEnd> {
    const { outputs, settings, transport } = this.#options;
    const { herald, production, state } = this.#parts;
    await herald.lease();
    if (state.meta.digest === null && settings.onChange !== 'stop') await transport.fleet.unpinDigest(state.meta.runId); // as the store has done
    await herald.publish('producing');
    const pulse = this.#pulse();
    try {
      const coordinated = await this.#coordinate();
      const end = production.complete ? 'finished' : coordinated; // a stop may find the last items in hand
      await pulse.stop();
      await this.#saveCounts();
      if (end === 'stopped') await outputs.exportSoFar();
      else await this.#finish();
      await this.#forgetRunning();
      return this.#summary(end);
    } catch (error) {
      await pulse.stop();
      await this.#standDown();
      await this.#saveCounts().catch(() => {});
      await this.#forgetRunning().catch(() => {});
      if (!(error instanceof ExitError && error.exitCode === EXIT.usage)) await outputs.exportSoFar().catch(() => {});
      throw asExit(error);
    } finally {
      await herald.release().catch(() => {});
    }
  }

  /** After an error nobody is to go on with the run; a Redis that is away hears of it too late, and that is no harm. */
  async #standDown(): Promise<void> {
    const { queue } = this.#options.transport;
    const telling = Promise.all([this.#parts.herald.publish('paused'), queue.withdraw()]);
    await unlessAborted(AbortSignal.timeout(STAND_DOWN_MS), telling).catch(() => {});
  }

  async #coordinate(): Promise<RunEnd> {
    const { shutdown, transport } = this.#options;
    const { collector, herald, lanes, production, state } = this.#parts;
    const over = new AbortController();
    const looked = lanes.start().then(() => this.#refuseIfNobodyServes(over.signal));
    looked.catch((error: unknown) => this.#fail(error));
    const coordinated = coordinate({
      queue: transport.queue,
      lanes,
      collector,
      shutdown,
      produce: async (signal) => {
        if (this.#needsDigest()) await unlessAborted(signal, Promise.race([state.pinned, looked]));
        return production.run(signal);
      },
      fatal: this.#fatal,
      onStopping: (stage) => herald.publish(stage),
    });
    return coordinated.finally(() => over.abort());
  }

  /** Rows of another digest are kept or not: to know, the model's digest must be known first. */
  #needsDigest(): boolean {
    const { accepted, digest, fingerprint } = this.#parts.state.meta;
    return digest === null && !accepted.some((ask) => ask.fingerprint === fingerprint && ask.digest === null);
  }

  /**
   * Without workers elsewhere, a start that no host can serve ends at once, with each host's reason; where something is
   * done already, as soon as it shows that something is left to ask. A host that has served is waited for.
   */
  async #refuseIfNobodyServes(over: AbortSignal): Promise<void> {
    const { shutdown, transport } = this.#options;
    const { lanes, pending } = this.#parts;
    if (transport.shared) return;
    const isNeeded = () => pending.size > 0 || this.#needsDigest();
    while (!isNeeded() && !over.aborted) await sleep(LOOK_EVERY_MS, undefined, { signal: over }).catch(() => {});
    if (over.aborted || shutdown.draining.aborted) return;
    const own = lanes.own();
    if (lanes.hasServed || own.some(({ state }) => state === 'closing' || state === 'resting')) return;
    throw noHostLeft(own);
  }

  /** Writes the outputs; then nothing of the run stays in the queue. */
  async #finish(): Promise<void> {
    const { outputs, transport } = this.#options;
    const { herald, state, tally } = this.#parts;
    const { runId, shard } = state.meta;
    if (tally.counts().items > 0 || (shard?.all ?? 0) > 0) await outputs.exportFinished();
    await herald.publish('done');
    const live = async () => (await transport.fleet.lanes(runId)).some((lane) => lane.state !== 'left');
    const untilMs = performance.now() + LEAVE_MS;
    while (performance.now() < untilMs && (await live())) await sleep(LOOK_EVERY_MS);
    herald.end();
    await transport.queue.purge();
    await transport.fleet.remove(runId);
  }

  #pulse(): Pulse {
    const { outputs, shutdown } = this.#options;
    return new Pulse({
      ...this.#parts,
      outputs,
      saveCounts: () => this.#saveCounts(),
      stopping: shutdown.draining,
      onError: (error) => this.#fail(error),
    });
  }

  /** No item is to blame for an end that was in order, even for want of a host. */
  #forgetRunning(): Promise<void> {
    const { store } = this.#options.opened;
    return store.clearRunning(store.running());
  }

  #saveCounts(): Promise<void> {
    const { state, tally } = this.#parts;
    return state.change({ counts: tally.counts() });
  }

  #summary(end: RunEnd): SessionEnd {
    const { made, state, tally, teller } = this.#parts;
    const { discovered, notImages, shard = null } = state.meta;
    return {
      end,
      counts: tally.counts(),
      made: made.rows,
      unwritten: made.unwritten,
      inPart: made.inPart,
      lanes: teller.lanesSeen(),
      discovered,
      notImages,
      shard,
    };
  }
}
