import { choice, optional, SWITCH, several, text } from '../kinds.js';
import { type SettingRows, setting } from '../setting.js';
import { LABELS, WORDS } from '../words.js';

/** What single tasks are told beside their prompt. */
export const TASK_WORDS = {
  format: setting({
    name: 'format',
    kind: choice('text', 'markdown', 'lines'),
    default: 'text',
    meaning: 'how a page is written: as it stands, with its headings and tables as Markdown, or line by line',
    commands: ['ocr', 'run'],
  }),
  style: setting({
    name: 'style',
    kind: choice('short', 'detailed', 'alt'),
    default: 'short',
    meaning: 'a caption in one sentence, in a paragraph, or as the alt text of a web page',
    commands: ['caption', 'run'],
  }),
  questions: setting({
    name: 'question',
    kind: several(WORDS),
    default: [],
    defaultIs: 'none',
    meaning: 'what to ask of every image; repeated, each is asked after the answer to the one before',
    fromFile: true,
    commands: ['ask', 'run'],
  }),
  labels: setting({
    name: 'labels',
    kind: LABELS,
    default: [],
    defaultIs: 'none',
    meaning: 'the labels to choose from, or @FILE that holds one a line; there is no "other" unless you list it',
    fromFile: true,
    commands: ['classify', 'run'],
  }),
  multi: setting({
    name: 'multi',
    kind: SWITCH,
    default: false,
    meaning: 'every label that fits, or none, instead of the one that fits best',
    commands: ['classify', 'run'],
  }),
  schema: setting({
    name: 'schema',
    kind: optional(text('FILE')),
    default: null,
    defaultIs: 'none',
    meaning: 'what to read out of every image: JSON Schema (.json, .yaml), or a module that exports one or a zod type',
    commands: ['extract', 'run'],
  }),
  stitch: setting({
    name: 'stitch',
    kind: SWITCH,
    default: false,
    meaning: 'lay the images of a group side by side on one canvas, for a model that takes one image only',
    commands: ['compare', 'run'],
  }),
} as const satisfies SettingRows;
