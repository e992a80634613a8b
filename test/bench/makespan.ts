/** How long a list of jobs takes on so many slots, each job begun in its turn on the slot that is free first. */
export function listMakespanMs(jobsMs: readonly number[], slots: number): number {
  const freeAtMs = Array.from({ length: slots }, () => 0);
  for (const ms of jobsMs) {
    const first = freeAtMs.indexOf(Math.min(...freeAtMs));
    freeAtMs[first] = (freeAtMs[first] ?? 0) + ms;
  }
  return Math.max(...freeAtMs);
}
