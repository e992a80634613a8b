import type { ModelAnswer } from '../../core/ask.js';
import { toVisionError, VisionError } from '../../core/errors.js';
import type { Delta } from '../engine.js';
import { REAL_TIMERS, type Timers } from './timers.js';

/** What one request may take, in milliseconds. */
export interface AskBudgets {
  /** From the start of its clock to the first token. */
  readonly firstTokenMs: number;
  /** Between two tokens. */
  readonly silenceMs: number;
  /** What is left of the item's time, from the start of the clock to the whole answer. */
  readonly itemMs: number;
}

/** What watches the text of an answer as it grows. */
export interface TextGuard {
  /** What the text so far is, as soon as it is sure of it. */
  push(piece: string): Repetition | null;
  /** The same of an answer that was cut, with a lower bar. */
  endsInLoop(): Repetition | null;
}

/** A text that repeats itself. */
export interface Repetition {
  /** For people. */
  readonly what: string;
  /** Characters of the text that are worth keeping. */
  readonly keptLength: number;
}

/** One request, its limits, and who is told of its progress. */
export interface AskWithinOptions {
  /** Sends the request; aborting its signal must close the connection. */
  readonly ask: (signal: AbortSignal) => AsyncIterable<Delta>;
  /** Each ends the request from outside; what is thrown then is the reason of the first that fired. */
  readonly signals: readonly AbortSignal[];
  /** Null for an engine whose answers cannot loop. */
  readonly guard: TextGuard | null;
  readonly budgets: AskBudgets;
  /** Starts the clock. A request sent ahead waits in the host's queue, and that is not its own time. */
  readonly clockStarts: Promise<void>;
  /** Milliseconds from the start of the clock to the first token, or from sending where the clock had not started. */
  readonly onFirstToken: (ms: number) => void;
  /** Something arrived, thoughts included. */
  readonly onDelta: () => void;
  /** Milliseconds from the start of the clock to the end, however it ended; not told where the clock never started. */
  readonly onEnd: (ms: number) => void;
  /** @defaultValue the process's own timers */
  readonly timers?: Timers;
}

/**
 * Asks once, within limits of ours: three of time, and one of sense. Throws what the engine throws, ANSWER_STALLED where
 * the first or the next token does not come in time, ITEM_TIMEOUT where the item's time is over, and ANSWER_LOOPED where
 * the answer repeats itself; all carry the text so far. Whatever ends it closes the connection.
 */
export async function askWithin(options: AskWithinOptions): Promise<ModelAnswer> {
  const { guard, signals } = options;
  for (const signal of signals) signal.throwIfAborted();
  const request = new AbortController();
  const clock = new AnswerClock(options.budgets, options.timers ?? REAL_TIMERS, (error) => request.abort(error));
  const onOuterAbort = () => request.abort(signals.find(({ aborted }) => aborted)?.reason);
  for (const signal of signals) signal.addEventListener('abort', onOuterAbort, { once: true });
  void options.clockStarts.then(() => clock.start());
  let text = '';

  const read = async (): Promise<ModelAnswer> => {
    for await (const delta of options.ask(request.signal)) {
      const firstTokenMs = clock.delta();
      if (firstTokenMs !== null) options.onFirstToken(firstTokenMs);
      options.onDelta();
      if ('answer' in delta) return judged(delta.answer, guard);
      text += delta.text;
      const loop = delta.text === '' ? null : (guard?.push(delta.text) ?? null);
      if (loop !== null) request.abort(looped(loop, text));
    }
    throw new VisionError('UNEXPECTED', 'The engine ended without an answer.', { partialText: text });
  };

  try {
    return await Promise.race([read(), rejectsOnAbort(request.signal)]);
  } catch (thrown) {
    throw thrown instanceof Expiry ? thrown.toVisionError(text) : toReason(thrown, signals);
  } finally {
    const runMs = clock.stop();
    if (runMs !== null) options.onEnd(runMs);
    for (const signal of signals) signal.removeEventListener('abort', onOuterAbort);
  }
}

function looped({ keptLength, what }: Repetition, text: string): VisionError {
  const partialText = text.slice(0, keptLength);
  return new VisionError('ANSWER_LOOPED', `The answer repeated itself (${what}) and was ended.`, { partialText });
}

/** An answer that did not end by itself is looked at once more: cut in the middle of a loop, it is one. */
function judged(answer: ModelAnswer, guard: TextGuard | null): ModelAnswer {
  if (answer.end === 'complete') return answer;
  const loop = guard?.endsInLoop() ?? null;
  return loop === null ? answer : { ...answer, end: 'looped', text: answer.text.slice(0, loop.keptLength) };
}

/** The caller's own reason is thrown as it is; anything else gets a code. */
function toReason(thrown: unknown, signals: readonly AbortSignal[]): unknown {
  return signals.find(({ aborted }) => aborted)?.reason ?? toVisionError(thrown);
}

/** Never resolves: what cannot be aborted, or waits for its turn, must not keep the caller waiting. */
export function rejectsOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** A limit that was passed, before it is known how much text had arrived. */
class Expiry extends Error {
  readonly #code: 'ANSWER_STALLED' | 'ITEM_TIMEOUT';
  readonly #fix: string;

  constructor(code: 'ANSWER_STALLED' | 'ITEM_TIMEOUT', sentence: string, fix: string) {
    super(sentence);
    this.#code = code;
    this.#fix = fix;
  }

  toVisionError(partialText: string): VisionError {
    return new VisionError(this.#code, this.message, { fix: this.#fix, partialText });
  }
}

/** The three limits of one request: first token, then silence, and the item's time over both. */
class AnswerClock {
  readonly #budgets: AskBudgets;
  readonly #timers: Timers;
  readonly #expire: (error: Expiry) => void;
  readonly #sentAtMs: number;
  #startedAtMs: number | null = null;
  #lastDeltaMs: number | null = null;
  #stopped = false;
  #cancelItem = () => {};
  #cancelNext = () => {};

  constructor(budgets: AskBudgets, timers: Timers, expire: (error: Expiry) => void) {
    this.#budgets = budgets;
    this.#timers = timers;
    this.#expire = expire;
    this.#sentAtMs = timers.now();
  }

  /** Starts first-token and item time; a first token that is already there has stopped the former. */
  start(): void {
    if (this.#stopped || this.#startedAtMs !== null) return;
    this.#startedAtMs = this.#timers.now();
    const { itemMs, firstTokenMs } = this.#budgets;
    this.#cancelItem = this.#timers.setTimer(itemMs, () =>
      this.#expire(
        new Expiry('ITEM_TIMEOUT', `The item's time ran out after ${seconds(itemMs)} s.`, 'Raise --item-timeout.'),
      ),
    );
    if (this.#lastDeltaMs !== null) return;
    this.#cancelNext = this.#timers.setTimer(firstTokenMs, () =>
      this.#expire(
        new Expiry(
          'ANSWER_STALLED',
          `No token came within ${seconds(firstTokenMs)} s.`,
          'Raise --first-token-timeout for a slow host.',
        ),
      ),
    );
  }

  /** Milliseconds to the first token where this is it, else null. */
  delta(): number | null {
    const now = this.#timers.now();
    const isFirst = this.#lastDeltaMs === null;
    this.#lastDeltaMs = now;
    if (!isFirst) return null;
    const sinceMs = now - (this.#startedAtMs ?? this.#sentAtMs);
    this.#cancelNext();
    this.start();
    this.#awaitNext(this.#budgets.silenceMs);
    return sinceMs;
  }

  /** Milliseconds since the start, or null. */
  stop(): number | null {
    this.#stopped = true;
    this.#cancelItem();
    this.#cancelNext();
    return this.#startedAtMs === null ? null : this.#timers.now() - this.#startedAtMs;
  }

  /** One timer for a whole answer: it looks again when the last token is younger than the limit. */
  #awaitNext(ms: number): void {
    this.#cancelNext = this.#timers.setTimer(ms, () => {
      const { silenceMs } = this.#budgets;
      const leftMs = silenceMs - (this.#timers.now() - (this.#lastDeltaMs ?? 0));
      if (leftMs > 0) this.#awaitNext(leftMs);
      else {
        this.#expire(
          new Expiry(
            'ANSWER_STALLED',
            `The answer stopped: no further token within ${seconds(silenceMs)} s.`,
            'Raise --silence-timeout for a slow host.',
          ),
        );
      }
    });
  }
}

function seconds(ms: number): number {
  return Math.round(ms / 100) / 10;
}
