import { decimal, optional, pattern, text, whole } from '../kinds.js';
import { OPTIONS } from '../options.js';
import { RUNS, type SettingRows, setting } from '../setting.js';
import { WORDS } from '../words.js';
import { PIXELS } from './pixels.js';
import { TASK_WORDS } from './task-words.js';

const LANGUAGES = pattern('LANG', /^[A-Za-z_]+(\+[A-Za-z_]+)*$/, 'languages such as eng or deu+fra');

/** What exactly is asked of every item. These are pinned at a run's first start and make up its fingerprint. */
export const ASK = {
  model: setting({
    name: 'model',
    kind: optional(text('MODEL')),
    default: null,
    defaultIs: 'the only vision model on the hosts',
    meaning: 'the model to ask',
    commands: RUNS,
  }),
  prompt: setting({
    name: 'prompt',
    kind: optional(WORDS),
    default: null,
    defaultIs: "the task's own",
    meaning: 'the question, or @FILE that holds it; {{name}} stands for a column of the manifest or a fact of the file',
    fromFile: true,
    commands: ['ocr', 'caption', 'compare', 'classify', 'extract', 'run'],
  }),
  system: setting({
    name: 'system',
    kind: optional(WORDS),
    default: null,
    defaultIs: 'none',
    meaning: 'the system message, or @FILE that holds it',
    fromFile: true,
    commands: RUNS,
  }),
  ...TASK_WORDS,
  lang: setting({
    name: 'lang',
    short: 'l',
    kind: LANGUAGES,
    default: 'eng',
    meaning: 'languages of the text, as Tesseract names them; a model is told of those that are named',
    commands: ['ocr', 'run'],
  }),
  temperature: setting({
    name: 'temperature',
    kind: decimal({ min: 0, max: 2 }),
    default: 0,
    meaning: 'how freely the model chooses its words; 0 repeats itself',
    commands: RUNS,
  }),
  maxTokens: setting({
    name: 'max-tokens',
    kind: optional(whole({ min: 1, max: 1_000_000 })),
    default: null,
    defaultIs: 'ocr 4096, extract 2048, compare and own tasks 1024, caption and ask 512, classify 256',
    meaning: 'longest answer; a longer one is cut and its row says truncated',
    unit: 'tokens',
    commands: RUNS,
  }),
  seed: setting({
    name: 'seed',
    kind: optional(whole({ min: 0, max: 2 ** 31 - 1 })),
    default: null,
    defaultIs: "the server's",
    meaning: 'makes a temperature above 0 repeatable',
    commands: RUNS,
  }),
  options: setting({
    name: 'option',
    kind: OPTIONS,
    default: {},
    defaultIs: 'none',
    meaning: "a sampling option by the server's own name, such as top_k=20; may be repeated",
    commands: RUNS,
  }),
  ...PIXELS,
} as const satisfies SettingRows;
