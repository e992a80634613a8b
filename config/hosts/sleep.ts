import type { SleepWindow } from '../../src/core/sleep.js';
import { isAsleep } from '../../src/core/sleep.js';
import { parsed, refuse } from '../kinds.js';
import type { Kind } from '../setting.js';

const DAY_MINUTES = 24 * 60;

/** `HH:MM-HH:MM`, also over midnight; several as a list, or joined by `+`. */
export const SLEEP: Kind<readonly SleepWindow[]> = {
  placeholder: 'HH:MM-HH:MM',
  type: parsed((raw) => {
    const texts: readonly unknown[] = typeof raw === 'string' ? raw.split('+') : [raw].flat();
    const windows = texts.map(parseWindow);
    return everyMinute(windows) ? refuse('a time of day at which the host is awake', raw) : windows;
  }),
  show: (windows) => windows.map(({ fromMinute, toMinute }) => `${clock(fromMinute)}-${clock(toMinute)}`).join('+'),
};

function parseWindow(raw: unknown): SleepWindow {
  const [, fromHour, from, toHour, to] = (typeof raw === 'string' && WINDOW.exec(raw.trim())) || [];
  const fromMinute = Number(fromHour) * 60 + Number(from);
  const toMinute = Number(toHour) * 60 + Number(to);
  const isWindow = fromMinute < DAY_MINUTES && toMinute > 0 && toMinute <= DAY_MINUTES && fromMinute !== toMinute;
  return isWindow ? { fromMinute, toMinute } : refuse('hours of sleep such as 07:00-20:00', raw);
}

const WINDOW = /^(\d{1,2}):([0-5]\d)-(\d{1,2}):([0-5]\d)$/;

function everyMinute(windows: readonly SleepWindow[]): boolean {
  const minutes = Array.from({ length: DAY_MINUTES }, (_, minute) => minute);
  return minutes.every((minute) => isAsleep(windows, new Date(2001, 0, 1, 0, minute)));
}

function clock(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}
