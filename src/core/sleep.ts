/** A part of every day in which a host is left alone, by the clock of the machine that asks it. */
export interface SleepWindow {
  /** Minutes since midnight, 0 to 1439. */
  readonly fromMinute: number;
  /** Minutes since midnight, 1 to 1440; not after `fromMinute` where the window goes over midnight. */
  readonly toMinute: number;
}

const MINUTE_MS = 60_000;
/** The longest local day has 25 hours. */
const LONGEST_SLEEP_MS = 25 * 60 * MINUTE_MS;

/** Whether the local clock stands in one of the windows. A window begins with its first minute and ends before its last. */
export function isAsleep(windows: readonly SleepWindow[], date: Date): boolean {
  const minute = date.getHours() * 60 + date.getMinutes();
  return windows.some(({ fromMinute, toMinute }) =>
    fromMinute < toMinute ? minute >= fromMinute && minute < toMinute : minute >= fromMinute || minute < toMinute,
  );
}

/**
 * How long until the local clock has left all windows; 0 where it is in none. Minute by minute, because a clock that is
 * put forward or back passes a window's end sooner, later or twice.
 */
export function wakesInMs(windows: readonly SleepWindow[], date: Date): number {
  if (!isAsleep(windows, date)) return 0;
  const nowMs = date.getTime();
  let atMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
  do atMs += MINUTE_MS;
  while (isAsleep(windows, new Date(atMs)) && atMs - nowMs < LONGEST_SLEEP_MS);
  return atMs - nowMs;
}
