import { parsed, refuse } from './kinds.js';
import type { Kind } from './setting.js';

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const UNITS: readonly (readonly [unit: string, ms: number])[] = [
  ['d', DAY_MS],
  ['h', HOUR_MS],
  ['m', MINUTE_MS],
  ['s', SECOND_MS],
  ['ms', 1],
];

/** Node's timers fire at once when told more than 2³¹ − 1 ms. */
const LONGEST_MS = 24 * DAY_MS;

/** A length of time such as `10m`, `1h30m` or `500ms`, in milliseconds; at most 24 days. */
export const DURATION: Kind<number> = { placeholder: 'TIME', type: parsed(parseDuration), show: showDuration };

function parseDuration(raw: unknown): number {
  const expected = 'a time such as 10m, 90s, 1h30m or 500ms, from 1ms to 24d';
  if (typeof raw === 'number' || (typeof raw === 'string' && /^\d+$/.test(raw))) {
    return refuse(expected, raw, `did you mean ${raw}s ?`);
  }
  if (typeof raw !== 'string' || !/^(\d+(\.\d+)?(d|h|ms|m|s))+$/.test(raw)) return refuse(expected, raw);
  const parts = raw.matchAll(/(\d+(?:\.\d+)?)(d|h|ms|m|s)/g);
  const ms = Math.round([...parts].reduce((sum, [, amount, unit]) => sum + Number(amount) * unitMs(unit), 0));
  return ms >= 1 && ms <= LONGEST_MS ? ms : refuse(expected, raw);
}

function unitMs(unit: string | undefined): number {
  return UNITS.find(([name]) => name === unit)?.[1] ?? Number.NaN;
}

/** 90,000 → `1m30s`. */
export function showDuration(ms: number): string {
  let rest = ms;
  let shown = '';
  for (const [unit, length] of UNITS) {
    const amount = Math.floor(rest / length);
    rest -= amount * length;
    if (amount > 0) shown += `${amount}${unit}`;
  }
  return shown === '' ? '0s' : shown;
}
