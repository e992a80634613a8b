/** What ends a piece of work that would not end by itself. */
export interface DeadlineOptions {
  readonly timeoutMs: number;
  /** Ends the work earlier; its reason is passed on. */
  readonly signal: AbortSignal | undefined;
  /** What the deadline's signal says when the time is over. */
  readonly reason: () => Error;
}

/**
 * A signal that fires with the outer one and when the time is over. Disposed of, it leaves nothing on the outer signal,
 * which may live as long as the process (`AbortSignal.any` leaves a reference for each use).
 */
export class Deadline implements Disposable {
  readonly #ending = new AbortController();
  readonly #outer: AbortSignal | undefined;
  readonly #onAbort: () => void;
  readonly #timer: NodeJS.Timeout;
  constructor({ timeoutMs, signal, reason }: DeadlineOptions) {
    this.#outer = signal;
    this.#timer = setTimeout(() => this.#ending.abort(reason()), timeoutMs);
    this.#onAbort = () => this.#ending.abort(signal?.reason);
    if (signal?.aborted === true) this.#onAbort();
    else signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener('abort', this.#onAbort);
  }
}
