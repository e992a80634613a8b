/** What ends a piece of work that would not end by itself. */
export interface TimeLimit {
  /** Ends the work earlier; its reason is passed on. */
  readonly signal: AbortSignal;
  readonly limitMs: number;
  /** What the work's signal says when the time is over. */
  readonly reason: () => Error;
}

/**
 * Runs work under a signal that fires with the outer one and when the time is over, and leaves nothing on the outer
 * signal, which may live as long as the process (`AbortSignal.any` leaves a reference for each use).
 *
 * @param work - may start the time anew, so that the limit is one of silence
 */
export async function withTimeLimit<T>(
  limit: TimeLimit,
  work: (signal: AbortSignal, startAnew: () => void) => Promise<T>,
): Promise<T> {
  const { signal } = limit;
  signal.throwIfAborted();
  const inner = new AbortController();
  const timer = setTimeout(() => inner.abort(limit.reason()), limit.limitMs);
  const onAbort = () => inner.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await work(inner.signal, () => timer.refresh());
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}
