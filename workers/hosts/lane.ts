import { setTimeout as sleep } from 'node:timers/promises';
import type { Queue, Lane as QueueLane } from '../../jobs/queue.js';
import { type Failure, isSilence, toVisionError, type VisionError } from '../../src/core/errors.js';
import { type Answered, HostAsker } from './asker.js';
import { HostBreaker } from './breaker.js';
import { Entrance } from './entrance.js';
import { type Demand, HostSlots, type LaneRoom } from './host-slots.js';
import { LaneJobs } from './lane-jobs.js';
import { type HostLaneOptions, LANE_TIMES, type LaneFigures, type LaneTimes } from './lane-options.js';
import { Latch } from './latch.js';
import { ModelWatch } from './model-watch.js';
import { Permit } from './permit.js';
import { Recycling } from './recycling.js';
import { Standing } from './standing.js';

/**
 * One host working off one run's queue. Gets the host ready (its slots claimed, preflight, digest, preload, slots found),
 * serves while it answers, and in trouble pauses the queue's lane and looks at the host again, so that no item pays for
 * a host.
 */
export class HostLane {
  readonly host: string;
  readonly name: string;
  readonly #options: HostLaneOptions;
  readonly #times: LaneTimes;
  readonly #closing = new AbortController();
  /** Later than `#closing`: answers to what is in hand still count, and are held against the model. */
  readonly #aborting = new AbortController();
  readonly #looked = new Latch();
  readonly #breaker: HostBreaker;
  readonly #entrance: Entrance;
  readonly #asker: HostAsker;
  readonly #jobs: LaneJobs;
  readonly #model: ModelWatch;
  readonly #slots: HostSlots;
  readonly #permit = new Permit();
  readonly #recycling: Recycling;
  readonly #standing: Standing;
  #troubled = new Latch();
  #lane: QueueLane | undefined;
  #pausing: Promise<void> | undefined;
  #running: Promise<void> | undefined;
  #digest: string | null = null;

  constructor(options: HostLaneOptions) {
    const { engine, limits, logger, model, slotMemory } = options;
    this.#options = options;
    this.#times = options.times ?? LANE_TIMES;
    this.host = engine.host;
    this.name = options.name;
    this.#standing = new Standing(this.host, logger);
    this.#slots = new HostSlots({
      ...options,
      host: this.host,
      guess: slotMemory.recall(this.host, model) ?? 1,
      using: () => this.#asker.inFlight,
      onRoom: (room) => {
        this.#asker.setRoom(room);
        this.#lane?.setSlots(this.#mostInHand(room));
      },
      onAllowed: (whyNot) => this.#onAllowed(whyNot),
      logger,
    });
    const { breaker: times, watch } = this.#times;
    this.#breaker = new HostBreaker({ times, onOpen: (failure) => this.#onFault(failure) });
    this.#recycling = new Recycling({ engine, model, after: limits.recycleAfter, logger });
    this.#asker = new HostAsker({
      engine,
      room: this.#slots.room,
      breaker: this.#breaker,
      budgets: limits.budgets,
      watch,
      onAnswer: (answered) => this.#onAnswer(answered),
      mayOpen: () => this.#slots.mayOpen(this.#asker.inFlight),
      hold: (signal) => this.#slots.hold(signal),
    });
    this.#entrance = new Entrance(options, {
      permit: this.#permit,
      slots: this.#slots,
      standing: this.#standing,
      breaker: this.#breaker,
      open: () => this.#asker.inFlight,
      signal: this.#closing.signal,
      onWait: () => this.#looked.open(),
    });
    this.#model = new ModelWatch({ engine, model, digest: () => this.#digest, signal: this.#aborting.signal });
    this.#jobs = new LaneJobs({
      ...options,
      host: this.host,
      asker: this.#asker,
      digest: () => this.#digest,
      maySend: () => this.#standing.state === 'serving' && this.#slots.most > 0,
      onStop: (failure) => this.#onStop(failure),
      onLeave: (failure) => this.#standBack(failure),
    });
  }

  get figures(): LaneFigures {
    const { found: hostSlots, room } = this.#slots;
    const { state, trouble } = this.#standing;
    return { state, trouble, slots: room.slots, hostSlots, busy: this.#asker.busy, ...this.#jobs.counts };
  }

  /** Whether its host could be asked at any time. */
  get hasServed(): boolean {
    return this.#standing.hasServed;
  }

  /** Items on their way through here, those that are still read or decoded too. */
  get inHand(): number {
    return this.#jobs.inHand.size;
  }

  /** Items that it could take at once, of which none would wait. */
  get idle(): number {
    return this.#standing.state === 'serving' ? Math.max(0, this.#slots.room.slots - this.inHand) : 0;
  }

  /** Starts; resolves when the host was looked at once, whatever came of it, or others use it. */
  async start(): Promise<void> {
    this.#running = this.#run();
    await this.#looked.opened;
  }

  /**
   * How many items wait in the queue, and what is done beyond the slots; a host that others use too is claimed as far
   * as there is work.
   */
  noteWaiting(waiting: number, beyond: Pick<Demand, 'prepares' | 'sendsAhead'>): void {
    this.#slots.demand({ ...beyond, items: this.inHand + waiting });
  }

  /** Items in hand beyond its slots and what is sent ahead: they wait here as others do in the queue. */
  get prepared(): number {
    return Math.max(0, this.surplus - this.#slots.room.ahead - this.#options.verifying);
  }

  /** Items in hand beyond the slots, but for what is given up already. */
  get surplus(): number {
    return this.#jobs.inHand.staying - this.#slots.room.slots;
  }

  /** Hands back an item that waits for a slot here, as another host is idle; tells whether there was one. */
  withdraw(): boolean {
    return this.surplus > 0 && this.#jobs.inHand.withdrawLast();
  }

  /** Leaves the host alone for the reason given, such as `drained`, and takes it up again at null. */
  rest(why: string | null): void {
    if (this.#permit.rest(why) && why !== null) this.#standBack(null);
  }

  /** Takes nothing new from here on, nor gets its host ready any more; what was sent or has a slot goes on. */
  async pause(): Promise<void> {
    this.#takeNothingNew();
    await this.#lane?.pause();
  }

  /** Takes nothing new and waits for what was sent or has a slot; with `abort` requests are closed and items handed back. */
  async close(options: { readonly abort?: boolean } = {}): Promise<void> {
    this.#takeNothingNew();
    if (options.abort) this.#aborting.abort();
    this.#troubled.open();
    this.#permit.look();
    await this.#lane?.close(options);
    this.#asker.close();
    await this.#running;
    await this.#slots.close();
  }

  /** Leaves the run for good, by order from outside or because it cannot read the run's jobs. */
  async leave(failure: Failure): Promise<void> {
    this.#standing.leave(failure);
    await this.close();
  }

  #takeNothingNew(): void {
    this.#standing.close();
    this.#closing.abort();
    this.#jobs.inHand.withdrawUnsent(this.#slots.room.slots);
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const trouble = await this.#getReady();
      if (signal.aborted) break;
      if (trouble !== null) this.#onTrouble(trouble);
      else await this.#serveUntilTrouble();
      this.#looked.open();
      if (this.#isToBeEmptied) {
        await this.#jobs.inHand.drained();
        this.#slots.settle();
        if (this.#recycling.isDue) await this.#recycling.run(signal);
      } else if (!signal.aborted && (trouble === null ? this.#isPermitted : this.#permit.restsFor === null))
        await this.#waitBeforeLook();
    }
    this.#looked.open();
  }

  /** Its model is loaded anew, or its slots are found anew: nothing of ours may be open then. */
  get #isToBeEmptied(): boolean {
    return this.#recycling.isDue || this.#slots.isDoubted;
  }

  get #isPermitted(): boolean {
    return this.#permit.restsFor === null && this.#slots.most > 0;
  }

  async #getReady(): Promise<VisionError | null> {
    try {
      const ready = await this.#entrance.passed();
      if (ready === null) return null;
      this.#digest = ready.digest;
      this.#model.trust();
      await this.#slots.become(ready.slots);
      return null;
    } catch (thrown) {
      const error = toVisionError(thrown);
      if (isSilence(error.code)) this.#slots.forget();
      return error;
    }
  }

  async #serveUntilTrouble(): Promise<void> {
    if (!this.#isPermitted || this.#breaker.isOpen) return; // what is in hand may fail before the look is over
    this.#troubled = new Latch();
    this.#standing.serve();
    await this.#pausing;
    if (this.#lane !== undefined) await this.#lane.resume();
    else this.#lane = this.#options.queue.serve(this.#handler());
    if (this.#standing.state !== 'serving') await this.#lane.pause(); // it stood back in between
    this.#looked.open();
    await this.#troubled.opened;
  }

  #handler(): Parameters<Queue['serve']>[0] {
    return {
      name: this.name,
      slots: this.#mostInHand(this.#slots.room),
      handle: (job, context) => this.#jobs.serve(job, context),
      refused: (reason) => {
        const message = `${reason}: worker and run are of different versions.`;
        void this.leave({ code: 'UNEXPECTED', message });
      },
    };
  }

  #mostInHand({ ahead, prepared, slots }: LaneRoom): number {
    return slots + ahead + prepared + this.#options.verifying;
  }

  #onAllowed(whyNot: string | null): void {
    this.#permit.look();
    if (whyNot === null) return;
    this.#standBack(null);
    const { state } = this.#standing;
    if (this.#closing.signal.aborted || state === 'resting' || state === 'queued') return;
    this.#standing.wait('queued', whyNot);
    if (this.#slots.waitsFor !== null) this.#options.logger.info(`${this.host}: ${whyNot}`);
  }

  /** An answer is one only if the model is still the run's. */
  async #onAnswer(answered: Answered): Promise<void> {
    await this.#model.check(answered.answer.timingMs.load);
    this.#breaker.forgive();
    this.#recycling.count();
    this.#slots.observe(answered);
    if (this.#isToBeEmptied) this.#standBack(null);
  }

  #onFault(failure: VisionError): void {
    if (this.#standing.state === 'serving') this.#slots.lower(failure); // a look that fails says nothing of slots
    this.#standBack(failure.toFailure());
  }

  /** A look has failed. */
  #onTrouble(trouble: VisionError): void {
    this.#standing.note(trouble.toFailure());
    this.#slots.rest(); // others may have them until it can be looked at again
    if (trouble.fate === 'stop') this.#options.onStop(trouble.toFailure());
  }

  #onStop(failure: Failure): void {
    this.#standBack(failure);
    this.#options.onStop(failure);
  }

  /** Takes nothing new until the host was looked at. The queue's lane is paused before an outcome is handed over. */
  #standBack(failure: Failure | null): void {
    if (this.#standing.state !== 'serving') return;
    this.#standing.start();
    if (failure !== null) this.#standing.note(failure);
    this.#pausing = this.#lane?.pause(); // takes nothing more from this moment on
    this.#jobs.inHand.withdrawUnsent();
    this.#troubled.open();
  }

  async #waitBeforeLook(): Promise<void> {
    const { state, trouble } = this.#standing;
    const code = trouble?.code ?? 'HOST_BUSY';
    const waitMs = state === 'left' ? this.#times.leftMs : this.#breaker.waitMs({ code });
    await sleep(waitMs, undefined, { signal: this.#closing.signal }).catch(() => {}); // closing ends it early
  }
}
