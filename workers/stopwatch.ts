/** Whole milliseconds from here on, whatever becomes of the time of day. */
export function stopwatch(): () => number {
  const startedMs = performance.now();
  return () => Math.round(performance.now() - startedMs);
}
