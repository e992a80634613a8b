import { setTimeout as sleep } from 'node:timers/promises';
import { type Fleet, LANE_DEAD_MS, type RunEntry } from '../../jobs/fleet.js';
import type { Queue } from '../../jobs/queue.js';
import { messageOf } from '../core/errors.js';
import type { Root } from '../core/item.js';
import type { Logger } from '../core/telling.js';
import { unlessAborted } from '../core/unless-aborted.js';
import type { ServedHost } from './hosts.js';
import type { LaneSet } from './lanes/lane-set.js';
import type { Shutdown } from './shutdown.js';

/** A run as one host serves it. */
export interface Service {
  readonly lanes: LaneSet;
  readonly queue: Queue;
  /** Closes lanes and queue. */
  close(options: { readonly abort: boolean }): Promise<void>;
}

export interface ServeHostOptions {
  readonly host: ServedHost;
  readonly fleet: Fleet;
  readonly shutdown: Pick<Shutdown, 'draining' | 'aborting'>;
  /** Why this machine cannot serve a run with these roots, or null. */
  readonly rootsProblem: (roots: readonly Root[]) => Promise<string | null>;
  /** Jobs of a run that wait or are delayed. */
  readonly waiting: (run: RunEntry) => Promise<number>;
  /** Opens the run for this host; null where its ask is not known. */
  readonly open: (run: RunEntry) => Promise<Service | null>;
  /** Removes a run and its queue from Redis, unless somebody else is at it. */
  readonly purge: (run: RunEntry) => Promise<void>;
  readonly logger: Logger;
}

/** How often runs are looked at. */
const LOOK_MS = 2_000;
/** How often a lane that is to end is looked at. */
const BUSY_LOOK_MS = 50;
/** A run whose coordinator was silent for so long is nobody's any more. */
const ABANDONED_MS = 7 * 86_400_000;
/** A run that this host could not serve is not tried again before. */
const AGAIN_MS = 60_000;

/**
 * Serves the active run of the highest priority whose model the host has, of equal ones the oldest, one at a time, until
 * it is to stop.
 */
export class HostServer {
  readonly #options: ServeHostOptions;
  readonly #notBefore = new Map<string, number>();
  #isServing = false;

  constructor(options: ServeHostOptions) {
    this.#options = options;
  }

  /** Whether it is at work on a run. */
  get isServing(): boolean {
    return this.#isServing;
  }

  async run(): Promise<void> {
    const { shutdown } = this.#options;
    while (!shutdown.draining.aborted) {
      const run = await unlessAborted(shutdown.draining, this.#nextRun());
      if (run === null) await this.#pause();
      else await this.#serve(run);
    }
  }

  /** The run that the host is to serve, of those that are above a priority. */
  async #nextRun(above = Number.NEGATIVE_INFINITY): Promise<RunEntry | null> {
    for (const run of await this.#options.fleet.runs()) {
      if (run.priority <= above) break; // the others are no higher
      if ((this.#notBefore.get(run.runId) ?? 0) > Date.now()) continue;
      if (Date.now() - run.heartbeatMs > ABANDONED_MS) await this.#purge(run);
      else if (await this.#hasWork(run)) return run;
    }
    return null;
  }

  /** Whether a run has items for this host, or may still get some. */
  async #hasWork(run: RunEntry): Promise<boolean> {
    const { host, waiting } = this.#options;
    if (run.engine !== host.engine.name || (run.state !== 'producing' && run.state !== 'draining')) return false;
    return isFed(run) || (await waiting(run)) > 0;
  }

  /** No run is less served because another could not be taken away. */
  async #purge(run: RunEntry): Promise<void> {
    const { logger, purge } = this.#options;
    await purge(run).catch((error: unknown) => {
      logger.warn(`Run ${run.runId}, which nobody has led for a week, could not be removed: ${messageOf(error)}`);
      this.#later(run);
    });
  }

  async #serve(run: RunEntry): Promise<void> {
    const { host, logger, open, rootsProblem, shutdown } = this.#options;
    const problem = await rootsProblem(run.roots);
    if (problem !== null) {
      logger.warn(`${host.engine.host} cannot serve run ${run.runId}: ${problem}`);
      this.#later(run);
      return;
    }
    const service = await unlessAborted(shutdown.draining, open(run));
    if (service === null) {
      this.#later(run);
      return;
    }
    logger.info(`${host.engine.host} serves run ${run.runId}${run.model === null ? '' : ` with ${run.model}`}`);
    const starting = service.lanes.start();
    starting.catch(() => {}); // thrown below
    this.#isServing = true;
    try {
      do {
        await this.#pause(); // what it came for may be on its way from the queue already, and not in hand yet
      } while (await unlessAborted(shutdown.draining, this.#goesOn(run, service)));
      await service.lanes.pause();
      while (service.lanes.inHand > 0 && !(await this.#mustAbort(run))) await sleep(BUSY_LOOK_MS);
    } finally {
      await service.close({ abort: true }).finally(() => {
        this.#isServing = false;
      });
      await unlessAborted(shutdown.draining, starting);
    }
  }

  /** Whether the run still wants this host. */
  async #goesOn(known: RunEntry, { lanes, queue }: Service): Promise<boolean> {
    const run = await this.#look(known);
    await lanes.expel(run.expelled);
    if (lanes.own().every(({ state }) => state === 'left')) {
      this.#later(run);
      return false;
    }
    if (run.state !== 'producing' && run.state !== 'draining') return false;
    if ((await this.#nextRun(run.priority)) !== null) return false;
    if (isFed(run)) return true;
    const { waiting, delayed } = await queue.counts();
    return waiting + delayed > 0;
  }

  /** Whether what is in hand is to be aborted; a Redis that does not answer in time does not say so. */
  async #mustAbort(run: RunEntry): Promise<boolean> {
    const { aborting } = this.#options.shutdown;
    const late = new AbortController(); // nothing holds an `AbortSignal.timeout` in `any`: it may never fire
    const timer = setTimeout(() => late.abort(), LOOK_MS);
    const known = await unlessAborted(AbortSignal.any([aborting, late.signal]), this.#look(run)).finally(() =>
      clearTimeout(timer),
    );
    return aborting.aborted || known?.state === 'stopping';
  }

  /** The run as the fleet has it; one that is missing is not thereby done. */
  async #look(run: RunEntry): Promise<RunEntry> {
    return (await this.#options.fleet.runs()).find(({ runId }) => runId === run.runId) ?? run;
  }

  #later(run: RunEntry): void {
    this.#notBefore.set(run.runId, Date.now() + AGAIN_MS);
  }

  async #pause(): Promise<void> {
    await sleep(LOOK_MS, undefined, { signal: this.#options.shutdown.draining }).catch(() => {}); // a stop ends it early
  }
}

/** Whether a live coordinator may still add items. */
function isFed(run: RunEntry): boolean {
  return run.state === 'producing' && Date.now() - run.heartbeatMs < LANE_DEAD_MS;
}
