import { FAILURE_CODES, type FailureCode } from '../../src/core/errors.js';
import { closest } from '../closest.js';
import { DURATION } from '../duration.js';
import { choice, optional, parsed, refuse, SWITCH } from '../kinds.js';
import { type Kind, RUNS, type SettingRows, setting } from '../setting.js';

/** A time of day on this machine's clock. */
export interface TimeOfDay {
  readonly hour: number;
  readonly minute: number;
}

const CODES: Kind<readonly FailureCode[]> = {
  placeholder: 'CODE,…',
  bare: 'all',
  type: parsed((raw) => {
    if (raw === true || raw === 'all') return FAILURE_CODES;
    if (raw === false || raw === 'none') return [];
    const words = typeof raw === 'string' ? raw.split(',') : [raw].flat();
    return words.map(
      (word) => FAILURE_CODES.find((code) => code === word) ?? refuse('failure codes', word, suggestedCode(word)),
    );
  }),
  show: (codes) => (codes.length === FAILURE_CODES.length ? 'all' : codes.join(',')),
};

function suggestedCode(word: unknown): string {
  const code = closest(String(word).toUpperCase(), FAILURE_CODES);
  return code === undefined ? '' : `did you mean ${code} ?`;
}

const TIME_OF_DAY: Kind<TimeOfDay> = {
  placeholder: 'HH:MM',
  type: parsed((raw) => {
    const [, hour, minute] = (typeof raw === 'string' && /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(raw)) || [];
    return hour === undefined
      ? refuse('a time of day such as 07:00', raw)
      : { hour: Number(hour), minute: Number(minute) };
  }),
  show: ({ hour, minute }) => `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`,
};

/** A share in percent that must be exceeded: `any` is 0, `never` 100. */
const SHARE: Kind<number> = {
  placeholder: 'any|never|N%',
  type: parsed((raw) => {
    if (raw === 'any') return 0;
    if (raw === 'never') return 100;
    const percent = typeof raw === 'string' && /^\d+(\.\d+)?%$/.test(raw) ? Number.parseFloat(raw) : Number.NaN;
    return percent <= 100 ? percent : refuse('any, never or a share such as 5%', raw);
  }),
  show: (percent) => (percent === 0 ? 'any' : percent === 100 ? 'never' : `${percent}%`),
};

/** When a run goes on, what it does again, and when it ends. */
export const AGAIN = {
  retryFailed: setting({
    name: 'retry-failed',
    kind: CODES,
    default: [],
    defaultIs: 'only what the environment broke',
    meaning: 'ask failed items again, all of them or those with these codes',
    commands: RUNS,
  }),
  onChange: setting({
    name: 'on-change',
    kind: choice('stop', 'keep', 'redo'),
    default: 'stop',
    meaning: 'where the question is not what the run began with: stop, keep the rows there are, or ask all again',
    commands: RUNS,
  }),
  redo: setting({
    name: 'redo',
    kind: SWITCH,
    default: false,
    meaning: 'ask every item again; a row stays until its new one is there',
    commands: RUNS,
  }),
  fresh: setting({
    name: 'fresh',
    kind: SWITCH,
    default: false,
    meaning: 'forget what the run did before',
    commands: RUNS,
  }),
  allowShrink: setting({
    name: 'allow-shrink',
    kind: SWITCH,
    default: false,
    meaning: 'go on although many inputs are gone since last time',
    commands: RUNS,
  }),
  forMs: setting({
    name: 'for',
    kind: optional(DURATION),
    default: null,
    defaultIs: 'to the end',
    meaning: 'stop after this time, as Ctrl-C does',
    commands: RUNS,
  }),
  until: setting({
    name: 'until',
    kind: optional(TIME_OF_DAY),
    default: null,
    defaultIs: 'to the end',
    meaning: 'stop at this time of day, as Ctrl-C does',
    commands: RUNS,
  }),
  failOverPercent: setting({
    name: 'fail-on',
    kind: SHARE,
    default: 0,
    meaning: 'exit code 1 where more than this share of the rows is not ok',
    commands: RUNS,
  }),
} as const satisfies SettingRows;
