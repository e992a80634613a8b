import { choice, SWITCH } from '../kinds.js';
import { ALL, SERVES, type SettingRows, setting } from '../setting.js';

/** What is said on stderr, and how. */
export const TELLING = {
  progress: setting({
    name: 'progress',
    kind: choice('auto', 'tty', 'plain', 'json', 'none'),
    default: 'auto',
    meaning: 'a live panel, a line now and then, JSON lines, or nothing; auto: a panel on a terminal',
    commands: SERVES,
  }),
  quiet: setting({
    name: 'quiet',
    short: 'q',
    kind: SWITCH,
    default: false,
    meaning: 'say only what went wrong and the last summary',
    commands: ALL,
  }),
  verbose: setting({
    name: 'verbose',
    short: 'v',
    kind: SWITCH,
    default: false,
    meaning: 'say a line for every item',
    commands: ALL,
  }),
  logFormat: setting({
    name: 'log-format',
    kind: choice('auto', 'pretty', 'json'),
    default: 'auto',
    meaning: 'how log lines look; auto: pretty on a terminal',
    commands: SERVES,
  }),
  color: setting({
    name: 'color',
    kind: choice('auto', 'always', 'never'),
    default: 'auto',
    meaning: 'auto: on a terminal, unless NO_COLOR is set',
    commands: ALL,
  }),
} as const satisfies SettingRows;
