import pLimit, { type LimitFunction } from 'p-limit';
import type { ModelAnswer, ModelRequest } from '../src/core/ask.js';
import { type Budgets, FirstTokenLimit } from '../src/core/budgets.js';
import { toVisionError, VisionError } from '../src/core/errors.js';
import type { Engine } from '../src/engines/engine.js';
import { askWithin } from '../src/engines/guard/ask-within.js';
import { LoopGuard, rowsOf } from '../src/engines/guard/loop-guard.js';
import { HostWatch } from './host-watch.js';
import { Turns } from './turns.js';

/** What bounds one request besides the host's own budgets. */
export interface AskLimits {
  readonly signal: AbortSignal;
  /** What is left of the item's time. */
  readonly itemMs: number;
  /** Told what the request took of the item's time: its wait in a queue, here or on the host, is none of it. */
  readonly onSpent: (ms: number) => void;
}

/** Asks a host once, within every limit that is the host's. Throws VisionErrors. */
export type AskHost = (request: ModelRequest, limits: AskLimits) => Promise<ModelAnswer>;

/** Silence and probes as a {@link HostWatch} counts them. */
export interface WatchTimes {
  readonly silentMs: number;
  readonly probeMs: number;
  readonly silentProbes: number;
}

export interface HostAskerOptions {
  readonly engine: Engine;
  /** Requests the host works on at once. */
  readonly slots: number;
  /** Requests sent beyond the slots. */
  readonly ahead: number;
  readonly budgets: Budgets;
  readonly watch: WatchTimes;
}

/** Asks one host, never more at once than its slots and those sent ahead, and tells a slow answer from a dead host. */
export class HostAsker {
  readonly #options: HostAskerOptions;
  readonly #limit: LimitFunction;
  readonly #turns: Turns;
  readonly #firstToken: FirstTokenLimit;
  readonly #watch: HostWatch;
  #gone = new AbortController();
  #answered = false;

  constructor(options: HostAskerOptions) {
    this.#options = options;
    this.#limit = pLimit(options.slots + options.ahead);
    this.#turns = new Turns(options.slots);
    this.#firstToken = new FirstTokenLimit(options.budgets.firstTokenMs);
    this.#watch = new HostWatch({
      ...options.watch,
      probe: (signal) => options.engine.probe(signal),
      onGone: () => this.#closeRequests(),
    });
  }

  /** Slots that a request of ours holds. */
  get busy(): number {
    return Math.min(this.#turns.inFlight, this.#options.slots);
  }

  readonly ask: AskHost = (request, limits) => this.#limit(() => this.#askNow(request, limits));

  close(): void {
    this.#watch.close();
  }

  async #askNow(request: ModelRequest, limits: AskLimits): Promise<ModelAnswer> {
    const { engine, budgets } = this.#options;
    const turn = this.#turns.enter();
    const watched = this.#watch.watch();
    const gone = this.#gone.signal;
    try {
      const answer = await askWithin({
        ask: (signal) => engine.ask(request, signal),
        signals: [limits.signal, gone], // no `AbortSignal.any`: what hangs on `gone` would stay for as long as the lane
        guard: engine.generates ? new LoopGuard({ maxRows: rowsFor(request) }) : null,
        budgets: { firstTokenMs: this.#firstToken.ms, silenceMs: budgets.silenceMs, itemMs: limits.itemMs },
        clockStarts: turn.started,
        onFirstToken: (ms) => this.#firstToken.observe(ms),
        onDelta: watched.onByte,
        onEnd: limits.onSpent,
      });
      this.#answered = true;
      return answer;
    } catch (thrown) {
      if (gone.aborted) throw new VisionError('HOST_UNREACHABLE', `${engine.host} fell silent with requests open.`);
      throw await this.#blame(toVisionError(thrown));
    } finally {
      turn.leave();
      watched.done();
    }
  }

  /** A refusal is the item's own once others were answered; a stall is the host's where it answers nothing at all. */
  async #blame(error: VisionError): Promise<VisionError> {
    if (error.code === 'ASK_REFUSED' && this.#answered) {
      return new VisionError('REQUEST_REFUSED', error.sentence, { cause: error });
    }
    if (error.code !== 'ANSWER_STALLED') return error;
    const { engine, watch } = this.#options;
    if (await engine.probe(AbortSignal.timeout(watch.probeMs))) return error;
    return new VisionError('HOST_UNREACHABLE', `${engine.host} stopped answering.`, { cause: error });
  }

  #closeRequests(): void {
    this.#gone.abort();
    this.#gone = new AbortController();
  }
}

/**
 * Equal rows that an answer may have: as many as the image has room for; but a grammar may force members and elements
 * that no image limits, and ends them itself.
 */
function rowsFor({ images, schema }: ModelRequest): number {
  if (schema !== null) return FORCED_ROWS + membersOf(schema);
  return rowsOf(Math.max(0, ...images.map(({ height }) => height)));
}

/** Lists end here where their schema does not say where. */
const FORCED_ROWS = 200;

/** Members and elements that a schema names or allows, all in all. */
function membersOf(schema: unknown): number {
  if (typeof schema !== 'object' || schema === null) return 0;
  const own = 'maxItems' in schema && typeof schema.maxItems === 'number' ? schema.maxItems : 0;
  const named = 'properties' in schema && isObject(schema.properties) ? Object.keys(schema.properties).length : 0;
  return Object.values(schema).reduce((sum: number, inner) => sum + membersOf(inner), own + named);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
