import pLimit, { type LimitFunction } from 'p-limit';
import type { ModelAnswer, ModelRequest } from '../../src/core/ask.js';
import { type Budgets, FirstTokenLimit } from '../../src/core/budgets.js';
import { toVisionError, VisionError } from '../../src/core/errors.js';
import type { Engine } from '../../src/engines/engine.js';
import { askWithin, rejectsOnAbort } from '../../src/engines/guard/ask-within.js';
import { rowsFor } from '../../src/engines/guard/expected-rows.js';
import { LoopGuard } from '../../src/engines/guard/loop-guard.js';
import { AloneGate } from './alone-gate.js';
import type { HostBreaker } from './breaker.js';
import type { Hold } from './hold.js';
import { Turns } from './turns.js';
import { HostWatch } from './watch.js';

/** What bounds one request besides the host's own budgets. */
export interface AskLimits {
  readonly signal: AbortSignal;
  /** What is left of the item's time. */
  readonly itemMs: number;
  /** Told what the request took of the item's time: its wait in a queue, here or on the host, is none of it. */
  readonly onSpent: (ms: number) => void;
  /** Whether the host is to work on nothing else meanwhile, be it ours or other processes'. */
  readonly alone: boolean;
}

/** Asks a host once, within every limit that is the host's. Throws VisionErrors. */
export type AskHost = (request: ModelRequest, limits: AskLimits) => Promise<ModelAnswer>;

/** Silence and probes as a {@link HostWatch} counts them. */
export interface WatchTimes {
  readonly silentMs: number;
  readonly probeMs: number;
  readonly silentProbes: number;
}

/** How many requests a host gets. */
export interface Room {
  /** Requests the host works on at once. */
  readonly slots: number;
  /** Requests sent beyond the slots. */
  readonly ahead: number;
}

/** Who is told how far a request has come. */
export interface AskProgress {
  /** It is on its way: until then nobody but us knows of it. */
  readonly onSent?: () => void;
  /** The host may be at work on it. */
  readonly onBegun?: () => void;
}

/** One answer of the host, and how long it took it. */
export interface Answered {
  readonly answer: ModelAnswer;
  /** From the moment at which fewer earlier requests than slots were in flight to the end. */
  readonly elapsedMs: number;
}

export interface HostAskerOptions {
  readonly engine: Pick<Engine, 'host' | 'generates' | 'ask' | 'probe'>;
  readonly room: Room;
  readonly breaker: Pick<HostBreaker, 'pass'>;
  readonly budgets: Budgets;
  readonly watch: WatchTimes;
  /** Told of every answer before it counts as one; what it throws is thrown instead. */
  readonly onAnswer: (answered: Answered) => Promise<void>;
  /** Whether one more request may be opened: other processes may have been given slots of the host meanwhile. */
  readonly mayOpen: () => boolean;
  /** Waits until other processes have nothing open at the host; null where they are to go first. */
  readonly hold: (signal: AbortSignal) => Promise<Hold | null>;
}

/** Asks one host, never more at once than its room allows, and tells a slow answer from a dead host. */
export class HostAsker {
  readonly #options: HostAskerOptions;
  readonly #limit: LimitFunction;
  readonly #gate = new AloneGate();
  readonly #turns: Turns;
  readonly #firstToken: FirstTokenLimit;
  readonly #watch: HostWatch;
  #room: Room;
  #gone = new AbortController();
  #answered = false;

  constructor(options: HostAskerOptions) {
    const { budgets, engine, room, watch } = options;
    this.#options = options;
    this.#room = room;
    this.#limit = pLimit(room.slots + room.ahead);
    this.#turns = new Turns(room.slots);
    this.#firstToken = new FirstTokenLimit(budgets.firstTokenMs);
    this.#watch = new HostWatch({
      ...watch,
      probe: (signal) => engine.probe(signal),
      onGone: () => this.#closeRequests(),
    });
  }

  /** Slots that a request of ours holds. */
  get busy(): number {
    return Math.min(this.#turns.inFlight, this.#room.slots);
  }

  /** Requests that are open. */
  get inFlight(): number {
    return this.#turns.inFlight;
  }

  /** Takes effect with the next request; none is closed for it. */
  setRoom(room: Room): void {
    this.#room = room;
    this.#limit.concurrency = room.slots + room.ahead;
    this.#turns.setSlots(room.slots);
  }

  async ask(request: ModelRequest, limits: AskLimits, progress: AskProgress = {}): Promise<ModelAnswer> {
    limits.signal.throwIfAborted();
    const { breaker, engine, mayOpen } = this.#options;
    const send = async () => {
      limits.signal.throwIfAborted();
      if (!mayOpen()) throw taken(engine.host);
      return await breaker.pass(() => this.#askNow(request, limits, progress));
    };
    const asked = this.#limit(async () => {
      const leave = await this.#gate.enter(limits.alone, limits.signal);
      try {
        return await (limits.alone ? this.#askAlone(send, limits.signal) : send());
      } finally {
        leave();
      }
    });
    return await Promise.race([asked, rejectsOnAbort(limits.signal)]); // what waits for its turn ends at once, too
  }

  close(): void {
    this.#watch.close();
  }

  /** A crash is its doing only if it was alone from beginning to end. */
  async #askAlone(send: () => Promise<ModelAnswer>, signal: AbortSignal): Promise<ModelAnswer> {
    const hold = await this.#options.hold(signal);
    if (hold === null) throw taken(this.#options.engine.host);
    try {
      return await send();
    } catch (thrown) {
      const error = toVisionError(thrown);
      throw hold.isBroken && isCrash(error) ? blameless(error) : error;
    } finally {
      hold.end();
    }
  }

  async #askNow(request: ModelRequest, limits: AskLimits, { onBegun, onSent }: AskProgress): Promise<ModelAnswer> {
    const { engine, budgets, onAnswer } = this.#options;
    onSent?.();
    const turn = this.#turns.enter();
    const watched = this.#watch.watch();
    const gone = this.#gone.signal;
    let elapsedMs = 0;
    let hasBegun = false;
    const begin = () => {
      if (hasBegun) return;
      hasBegun = true;
      onBegun?.();
    };
    void turn.started.then(begin);
    try {
      const answer = await askWithin({
        ask: (signal) => engine.ask(request, signal),
        signals: [limits.signal, gone], // no `AbortSignal.any`: what hangs on `gone` would stay for as long as the lane
        guard: engine.generates ? new LoopGuard({ maxRows: rowsFor(request) }) : null,
        budgets: { firstTokenMs: this.#firstToken.ms, silenceMs: budgets.silenceMs, itemMs: limits.itemMs },
        clockStarts: turn.started,
        onFirstToken: (ms) => this.#firstToken.observe(ms),
        onDelta: () => {
          begin();
          watched.onByte();
        },
        onEnd: (ms) => {
          elapsedMs = ms;
          limits.onSpent(ms);
        },
      });
      this.#answered = true;
      turn.leave(); // the host is done with it
      watched.done();
      await onAnswer({ answer, elapsedMs });
      return answer;
    } catch (thrown) {
      if (gone.aborted) throw unreachable(`${engine.host} fell silent with requests open.`);
      throw await this.#blame(toVisionError(thrown), hasBegun);
    } finally {
      turn.leave();
      watched.done();
    }
  }

  /**
   * A refusal is the item's own once others were answered; a stall is the host's where it answers nothing at all. A crash
   * is not held against what the host had not begun, nor is a connection that breaks, unless the host itself goes on
   * answering.
   */
  async #blame(error: VisionError, hasBegun: boolean): Promise<VisionError> {
    const { engine, watch } = this.#options;
    if (error.code === 'ASK_REFUSED' && this.#answered) {
      return new VisionError('REQUEST_REFUSED', error.sentence, { cause: error });
    }
    const isBreak = error.code === 'HOST_UNREACHABLE';
    if (isCrash(error) && !hasBegun) return blameless(error);
    if (error.blameless || (error.code !== 'ANSWER_STALLED' && !isBreak)) return error;
    if (await engine.probe(AbortSignal.timeout(watch.probeMs))) return error;
    return unreachable(isBreak ? error.sentence : `${engine.host} stopped answering.`, error);
  }

  #closeRequests(): void {
    this.#gone.abort();
    this.#gone = new AbortController();
  }
}

/** The item goes back to the queue, at no cost. */
function taken(host: string): VisionError {
  return new VisionError('HOST_BUSY', `${host} has no slot for this process any more.`);
}

function isCrash({ code }: VisionError): boolean {
  return code === 'HOST_CRASHED' || code === 'HOST_UNREACHABLE';
}

function blameless(error: VisionError): VisionError {
  return new VisionError(error.code, error.sentence, { cause: error, blameless: true });
}

/** The host is gone, which no item is to blame for. */
function unreachable(sentence: string, cause?: VisionError): VisionError {
  return new VisionError('HOST_UNREACHABLE', sentence, { cause, blameless: true });
}
