import { choice, optional, parsed, refuse, several, text } from '../kinds.js';
import { type Kind, RUNS, type SettingRows, setting } from '../setting.js';

const DELIMITER: Kind<string> = {
  placeholder: 'CHARACTER',
  type: parsed((raw) => {
    if (raw === 'tab' || raw === '\\t') return '\t';
    return typeof raw === 'string' && /^[^\r\n"']$/.test(raw) ? raw : refuse('one character such as ;, or tab', raw);
  }),
  show: (value) => (value === '\t' ? 'tab' : value),
};

const QUOTE: Kind<string> = {
  placeholder: 'CHARACTER',
  type: parsed((raw) => {
    if (raw === 'none' || raw === '') return '';
    return raw === '"' || raw === "'" ? raw : refuse('one of " and \', or none', raw);
  }),
  show: (value) => (value === '' ? 'none' : value),
};

/** What makes an item: the columns of a manifest, and which images belong together. */
export const ITEMS = {
  groupBy: setting({
    name: 'group-by',
    kind: optional(choice('inputs', 'folder', 'stem', 'manifest')),
    default: null,
    defaultIs: 'files that are named are one group, a manifest says its own, else one group a folder',
    meaning: 'which images are compared: all inputs, those of a folder, those of one name, those of one id',
    commands: ['compare', 'run'],
  }),
  idColumns: setting({
    name: 'id-column',
    kind: several(text('COLUMN')),
    default: [],
    defaultIs: 'id, else the image itself',
    meaning: "the column of a manifest that names its rows; repeated, their values make the row's id",
    commands: RUNS,
  }),
  imageColumns: setting({
    name: 'image-column',
    kind: several(text('COLUMN')),
    default: [],
    defaultIs: 'the one called image, path, file, url or the like',
    meaning: 'the column of a manifest that holds the image; repeated to compare several of one row',
    commands: RUNS,
  }),
  base: setting({
    name: 'base',
    kind: optional(text('DIR')),
    default: null,
    defaultIs: "the manifest's own folder",
    meaning: "the folder that a manifest's paths are relative to",
    commands: RUNS,
  }),
  onRepeat: setting({
    name: 'on-repeat',
    kind: optional(choice('error', 'number', 'group')),
    default: null,
    defaultIs: 'error, and group in compare',
    meaning:
      'where rows of a manifest have one id: stop, number them (id, id~2, ...), or look at their images together (compare)',
    commands: RUNS,
  }),
  promptColumn: setting({
    name: 'prompt-column',
    kind: optional(text('COLUMN')),
    default: null,
    defaultIs: 'none',
    meaning: 'the column of a manifest that holds the prompt of each row; the same as --prompt {{COLUMN}}',
    commands: ['ocr', 'caption', 'compare', 'classify', 'extract', 'run'],
  }),
  questionColumns: setting({
    name: 'question-column',
    kind: several(text('COLUMN')),
    default: [],
    defaultIs: 'none',
    meaning: 'the column of a manifest that holds the question of each row; the same as --question {{COLUMN}}',
    commands: ['ask', 'run'],
  }),
  labelsColumn: setting({
    name: 'labels-column',
    kind: optional(text('COLUMN')),
    default: null,
    defaultIs: 'none',
    meaning:
      'the column of a manifest that lists the labels of each row, A,B or in JSON lines a list; in place of --labels',
    commands: ['classify', 'run'],
  }),
  delimiter: setting({
    name: 'delimiter',
    kind: optional(DELIMITER),
    default: null,
    defaultIs: 'found in the header: comma, semicolon, tab or bar',
    meaning: 'what stands between the cells of a .csv',
    commands: RUNS,
  }),
  quote: setting({
    name: 'quote',
    kind: optional(QUOTE),
    default: null,
    defaultIs: 'found in the first lines',
    meaning: 'what stands around a cell of a .csv that holds the delimiter: " or \', or none',
    commands: RUNS,
  }),
  encoding: setting({
    name: 'encoding',
    kind: optional(choice('utf-8', 'utf-16le', 'utf-16be', 'windows-1252')),
    default: null,
    defaultIs: 'found in the file',
    meaning: 'how the characters of a manifest are written',
    commands: RUNS,
  }),
} as const satisfies SettingRows;
