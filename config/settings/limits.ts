import { DURATION, MINUTE_MS, SECOND_MS } from '../duration.js';
import { optional, whole } from '../kinds.js';
import { LOOKS, RUNS, SERVES, type SettingRows, setting } from '../setting.js';

/** How long anything may take. */
export const LIMITS = {
  connectTimeoutMs: setting({
    name: 'connect-timeout',
    kind: DURATION,
    default: 5 * SECOND_MS,
    meaning: 'to reach a host; shorter than the first-token limit',
    commands: LOOKS,
  }),
  loadTimeoutMs: setting({
    name: 'load-timeout',
    kind: DURATION,
    default: 15 * MINUTE_MS,
    meaning: 'to load the model on a host, before its first item',
    commands: RUNS,
  }),
  firstTokenTimeoutMs: setting({
    name: 'first-token-timeout',
    kind: DURATION,
    default: 10 * MINUTE_MS,
    meaning: 'from a request to its first token; a host that has proven faster gets less',
    commands: RUNS,
  }),
  silenceTimeoutMs: setting({
    name: 'silence-timeout',
    kind: DURATION,
    default: 60 * SECOND_MS,
    meaning: 'between two tokens; shorter than the item limit',
    commands: RUNS,
  }),
  itemTimeoutMs: setting({
    name: 'item-timeout',
    kind: DURATION,
    default: 20 * MINUTE_MS,
    meaning: 'for an item, all attempts together',
    commands: RUNS,
  }),
  attempts: setting({
    name: 'attempts',
    kind: whole({ min: 1, max: 100 }),
    default: 4,
    meaning: 'tries at an item before its row says why it failed; what hosts break does not count',
    unit: 'tries',
    commands: RUNS,
  }),
  numCtx: setting({
    name: 'num-ctx',
    kind: optional(whole({ min: 512, max: 2_097_152 })),
    default: null,
    defaultIs: 'what question, largest image and longest answer need, 8192 or more',
    meaning: 'context the model is loaded with: question, image and answer together',
    unit: 'tokens',
    commands: RUNS,
  }),
  recycleAfter: setting({
    name: 'recycle-after',
    kind: optional(whole({ min: 1, max: 1_000_000_000 })),
    default: null,
    defaultIs: 'never',
    meaning: 'of a host, before it loads the model anew: for servers whose memory grows with every image',
    unit: 'answers',
    commands: RUNS,
  }),
  drainTimeoutMs: setting({
    name: 'drain-timeout',
    kind: DURATION,
    default: 30 * SECOND_MS,
    meaning: 'after a stop, for the items in hand to end',
    commands: SERVES,
  }),
  exitWhenIdleMs: setting({
    name: 'exit-when-idle',
    kind: optional(DURATION),
    default: null,
    defaultIs: 'never',
    meaning: 'without a run to serve, before the worker ends',
    commands: ['worker'],
  }),
  hostsDownTimeoutMs: setting({
    name: 'hosts-down-timeout',
    kind: DURATION,
    default: 30 * MINUTE_MS,
    meaning: 'without any host that answers, before the run ends with exit code 3',
    commands: RUNS,
  }),
} as const satisfies SettingRows;
