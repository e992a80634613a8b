import { setTimeout as sleep } from 'node:timers/promises';
import type { RunLimits } from '../../jobs/fleet.js';
import type { JobContext, Queue, Lane as QueueLane } from '../../jobs/queue.js';
import { FRESH_CARRY, type Outcome, type VisionJob } from '../../jobs/vision-job.js';
import { FAILURES, type Failure, toVisionError, VisionError } from '../../src/core/errors.js';
import type { LaneState, Logger } from '../../src/core/telling.js';
import type { Engine, HostFacts } from '../../src/engines/engine.js';
import { type AskHost, HostAsker, type Room, type WatchTimes } from './asker.js';
import { BREAKER_TIMES, type BreakerTimes, HostBreaker } from './breaker.js';
import { InHand } from './in-hand.js';
import { Latch } from './latch.js';
import { HOST_WATCH_DEFAULTS } from './watch.js';

/** Serves one item through the lane, which lends its host and says which digest the run is pinned to. */
export type ServeItem = (
  job: VisionJob,
  context: JobContext,
  host: { readonly digest: string | null; readonly askHost: AskHost },
) => Promise<Outcome>;

export interface HostLaneOptions {
  /** Unique among the lanes of the run. */
  readonly name: string;
  readonly engine: Engine;
  /** Requests the host works on at once. */
  readonly slots: number;
  /** Requests sent beyond the slots, so that upload and decoding never idle one. */
  readonly ahead: number;
  /** Items that may be in hand beyond these because they are read a second time, here and not by the host. */
  readonly verifying: number;
  readonly model: string | null;
  /** What would fit into a context of so many tokens, in words for people; null where all does. */
  readonly contextAdvice: (contextTokens: number) => string | null;
  readonly limits: RunLimits;
  readonly queue: Queue;
  readonly serveItem: ServeItem;
  /** Looks at the host: it answers, has the model, and may serve with it. Throws HOST_*, MODEL_*. */
  readonly preflight: (signal: AbortSignal) => Promise<HostFacts>;
  /** Pins the digest of the first host that serves the run; returns the one that the host is to have. */
  readonly pinDigest: (digest: string) => Promise<string>;
  /** Whether a live host answers that is none of these. */
  readonly othersAnswer: (thanHosts: readonly string[]) => boolean;
  /** The run cannot go on. */
  readonly onStop: (failure: Failure) => void;
  readonly logger: Logger;
  readonly times?: LaneTimes;
}

/** Waits of a lane, in milliseconds. */
export interface LaneTimes {
  readonly breaker: BreakerTimes;
  /** Before a host that left is looked at again. */
  readonly leftMs: number;
  readonly watch: WatchTimes;
}

const DEFAULT_TIMES: LaneTimes = { breaker: BREAKER_TIMES, leftMs: 60_000, watch: HOST_WATCH_DEFAULTS };

/**
 * How long a job waits that came to the host it avoids, in milliseconds: not long, as another host is there, and widely
 * spread, as two jobs that avoid one host each would else come back in turns, each to the host that it avoids.
 */
const avoidedMs = (): number => 250 + Math.round(1_000 * Math.random());

/** How long a job waits that was withdrawn for an idle host, in milliseconds: that one takes it at once. */
const WITHDRAWN_MS = 10;

/** A lane in numbers. */
export interface LaneFigures {
  readonly state: LaneState;
  readonly trouble: Failure | null;
  readonly slots: number;
  readonly busy: number;
  readonly done: number;
  readonly failed: number;
}

/**
 * One host working off one run's queue. Gets the host ready (preflight, digest, preload), serves while it answers, and
 * in trouble pauses the queue's lane and looks at the host again, so that no item pays for a host.
 */
export class HostLane {
  readonly host: string;
  readonly name: string;
  readonly #options: HostLaneOptions;
  readonly #times: LaneTimes;
  readonly #breaker: HostBreaker;
  readonly #asker: HostAsker;
  readonly #inHand = new InHand();
  readonly #closing = new AbortController();
  readonly #looked = new Latch();
  #room: Room;
  #trouble: Failure | null = null;
  #troubled = new Latch();
  #state: LaneState = 'starting';
  #lane: QueueLane | undefined;
  #pausing: Promise<void> | undefined;
  #running: Promise<void> | undefined;
  #digest: string | null = null;
  #done = 0;
  #failed = 0;

  constructor(options: HostLaneOptions) {
    const { ahead, engine, limits, slots } = options;
    this.#options = options;
    this.#times = options.times ?? DEFAULT_TIMES;
    this.host = engine.host;
    this.name = options.name;
    this.#room = { slots, ahead };
    this.#breaker = new HostBreaker({
      host: this.host,
      times: this.#times.breaker,
      onOpen: (failure) => this.#standBack(failure.toFailure()),
    });
    this.#asker = new HostAsker({
      engine,
      room: this.#room,
      breaker: this.#breaker,
      budgets: limits.budgets,
      watch: this.#times.watch,
      onAnswer: async () => this.#breaker.forgive(),
    });
  }

  get figures(): LaneFigures {
    const { busy } = this.#asker;
    const { slots } = this.#room;
    return { state: this.#state, trouble: this.#trouble, slots, busy, done: this.#done, failed: this.#failed };
  }

  /** Items on their way through here, those that are still read or decoded too. */
  get inHand(): number {
    return this.#inHand.size;
  }

  /** Items that it could take at once, of which none would wait. */
  get idle(): number {
    return this.#state === 'serving' ? Math.max(0, this.#room.slots - this.#inHand.size) : 0;
  }

  /** Starts; resolves when the host was looked at once, whatever came of it. */
  async start(): Promise<void> {
    this.#running = this.#run();
    await this.#looked.opened;
  }

  /** Whether requests are sent beyond the slots: only while more items wait than all hosts have slots. */
  sendAhead(isOn: boolean): void {
    this.#setRoom({ ...this.#room, ahead: isOn ? this.#options.ahead : 0 });
  }

  /** Hands back an item that waits for a slot here, as another host is idle; tells whether there was one. */
  withdraw(): boolean {
    return this.#inHand.size > this.#room.slots && this.#inHand.withdrawLast();
  }

  /** Takes nothing new from here on, nor gets its host ready any more; what is in hand goes on. */
  async pause(): Promise<void> {
    this.#stopLooking();
    await this.#lane?.pause();
  }

  /** Takes nothing new and waits for what is in hand; with `abort` requests are closed and items handed back. */
  async close(options: { readonly abort?: boolean } = {}): Promise<void> {
    this.#stopLooking();
    this.#troubled.open();
    await this.#lane?.close(options);
    this.#asker.close();
    await this.#running;
  }

  /** Leaves the run for good, by order from outside or because it cannot read the run's jobs. */
  async leave(failure: Failure): Promise<void> {
    this.#state = 'left';
    this.#trouble = failure;
    this.#options.logger.warn(`${this.host} leaves the run: ${failure.message}`, { code: failure.code });
    await this.close();
  }

  #stopLooking(): void {
    if (this.#state !== 'left') this.#state = 'closing';
    this.#closing.abort();
  }

  async #run(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      const trouble = await this.#getReady();
      if (this.#closing.signal.aborted) break;
      if (trouble !== null) this.#note(trouble.toFailure());
      else await this.#serveUntilTrouble();
      this.#looked.open();
      if (!this.#closing.signal.aborted) await this.#waitBeforeLook();
    }
    this.#looked.open();
  }

  async #getReady(): Promise<VisionError | null> {
    const { contextAdvice: advice, engine, model, limits } = this.#options;
    const { signal } = this.#closing;
    try {
      await this.#breaker.look(async () => {
        const facts = await this.#options.preflight(signal);
        if (facts.digest !== null) await this.#pin(facts.digest);
        const loadTimeoutMs = limits.budgets.loadMs;
        this.#warn(await engine.preload({ model, numCtx: limits.numCtx, loadTimeoutMs, signal, advice }));
      });
      return null;
    } catch (thrown) {
      return toVisionError(thrown);
    }
  }

  #warn(facts: HostFacts): void {
    if (this.#state !== 'starting') return;
    for (const warning of facts.warnings) this.#options.logger.warn(`${this.host}: ${warning}`);
  }

  async #pin(digest: string): Promise<void> {
    const pinned = await this.#options.pinDigest(digest);
    if (pinned !== digest) {
      throw new VisionError(
        'MODEL_DIGEST_DIFFERS',
        `The host's model has digest ${digest.slice(0, 12)}, the run began with ${pinned.slice(0, 12)}.`,
        { fix: 'Pull the same version of the model on every host (`ollama pull`), or decide with --on-change.' },
      );
    }
    this.#digest = pinned;
  }

  async #serveUntilTrouble(): Promise<void> {
    this.#troubled = new Latch();
    this.#state = 'serving';
    this.#trouble = null;
    await this.#pausing;
    if (this.#lane !== undefined) await this.#lane.resume();
    else this.#lane = this.#options.queue.serve(this.#handler());
    this.#looked.open();
    await this.#troubled.opened;
  }

  #handler(): Parameters<Queue['serve']>[0] {
    return {
      name: this.name,
      slots: this.#mostInHand,
      handle: (job, context) => this.#serve(job, context),
      refused: (message) => {
        const failure = {
          code: 'UNEXPECTED',
          message: `${message}: worker and run are of different versions.`,
        } as const;
        void this.leave(failure);
      },
    };
  }

  get #mostInHand(): number {
    return this.#room.slots + this.#room.ahead + this.#options.verifying;
  }

  #setRoom(room: Room): void {
    if (room.slots === this.#room.slots && room.ahead === this.#room.ahead) return;
    this.#room = room;
    this.#asker.setRoom(room);
    this.#lane?.setSlots(this.#mostInHand);
  }

  async #waitBeforeLook(): Promise<void> {
    const { signal } = this.#closing;
    const code = this.#trouble?.code ?? 'HOST_BUSY';
    const waitMs = this.#state === 'left' ? this.#times.leftMs : this.#breaker.waitMs({ code });
    await sleep(waitMs, undefined, { signal }).catch(() => {}); // closing ends it early
  }

  async #serve(job: VisionJob, context: JobContext): Promise<Outcome> {
    const carry = job.carry ?? FRESH_CARRY;
    if (this.#state !== 'serving') return { handBack: { reason: 'HOST_BUSY' }, carry };
    const { othersAnswer, serveItem } = this.#options;
    if (carry.avoidHosts.includes(this.host) && othersAnswer([...carry.avoidHosts, this.host])) {
      return { handBack: { reason: 'HOST_BUSY', avoidHost: this.host, delayMs: avoidedMs() }, carry };
    }
    const taken = this.#inHand.take(context);
    const askHost: AskHost = (request, limits) => this.#asker.ask(request, limits, () => taken.begin());
    try {
      const outcome = await serveItem(job, taken.context, { digest: this.#digest, askHost });
      if (taken.isWithdrawn && 'handBack' in outcome) {
        return { ...outcome, handBack: { ...outcome.handBack, delayMs: WITHDRAWN_MS } };
      }
      if (!context.signal.aborted) this.#count(outcome);
      return outcome;
    } finally {
      taken.leave();
    }
  }

  #count(outcome: Outcome): void {
    if ('record' in outcome) {
      if (outcome.record.error === null) this.#done += 1;
      else this.#failed += 1;
    } else if ('stop' in outcome) {
      this.#standBack(outcome.stop);
      this.#options.onStop(outcome.stop);
    }
  }

  /** Takes nothing new until the host was looked at. The queue's lane is paused before the outcome is handed over. */
  #standBack(failure: Failure): void {
    if (this.#state !== 'serving') return;
    this.#note(failure);
    this.#pausing = this.#lane?.pause(); // takes nothing more from this moment on
    this.#troubled.open();
  }

  #note(failure: Failure): void {
    const fate = FAILURES[failure.code];
    this.#state = fate === 'leave' || fate === 'stop' ? 'left' : 'waiting';
    const known = this.#trouble?.code === failure.code;
    this.#trouble = failure;
    if (!known) this.#options.logger.warn(`${this.host}: ${failure.message}`, { code: failure.code });
  }
}
