import { DURATION, MINUTE_MS } from '../duration.js';
import { choice, optional, parsed, pattern, refuse, SWITCH, several, text, whole } from '../kinds.js';
import { type Kind, PRINTS, RUNS, SERVES, type SettingRows, setting } from '../setting.js';
import { SHARD } from '../shard.js';

/** A folder that paths are relative to, under a name that means the same on every machine. */
export interface RootSpec {
  readonly name: string;
  /** As given: absolute, or relative to the working directory. */
  readonly path: string;
}

const ROOT: Kind<RootSpec> = {
  placeholder: 'NAME=PATH',
  type: parsed((raw) => {
    const [, name, path] = (typeof raw === 'string' && /^([\w.-]+)=(.+)$/s.exec(raw)) || [];
    return name === undefined || path === undefined
      ? refuse('NAME=PATH, such as scans=/mnt/scans', raw)
      : { name, path };
  }),
  show: ({ name, path }) => `${name}=${path}`,
};

const OUTPUT = pattern('PATH', /(^-|[^/]\.(jsonl|csv))$/i, 'a path that ends in .jsonl or .csv, or -');

const NAME = pattern(
  'NAME',
  /^(?!\.)[\p{L}\p{N} ._()+@-]{1,100}$/u,
  'a name of letters, digits, spaces and . _ - ( ) + @',
);

/** Where items come from and where rows go. */
export const WHERE = {
  outputs: setting({
    name: 'output',
    short: 'o',
    kind: several(OUTPUT),
    default: [],
    defaultIs: 'none',
    meaning: 'where rows go: a .jsonl or .csv file; - streams JSON lines to stdout as items end; may be repeated',
    commands: [...RUNS, 'export'],
  }),
  name: setting({
    name: 'name',
    kind: optional(NAME),
    default: null,
    defaultIs: "the first output's file name",
    meaning: "the run's name, which names its folder under .visionbatch",
    commands: RUNS,
  }),
  state: setting({
    name: 'state',
    kind: optional(text('DIR')),
    default: null,
    defaultIs: '.visionbatch/NAME beside the first output',
    meaning: "folder that keeps the run's state",
    commands: [...RUNS, 'status', 'failures', 'show', 'export'],
  }),
  include: setting({
    name: 'include',
    kind: several(text('GLOB')),
    default: [],
    defaultIs: 'every image',
    meaning: 'take only the files in folders that match; may be repeated',
    commands: RUNS,
  }),
  exclude: setting({
    name: 'exclude',
    kind: several(text('GLOB')),
    default: [],
    defaultIs: 'none',
    meaning: 'leave out what matches; may be repeated',
    commands: RUNS,
  }),
  filesFrom: setting({
    name: 'files-from',
    kind: optional(text('FILE|-')),
    default: null,
    defaultIs: 'none',
    meaning: 'a list of further files, one a line, each taken as if it were named; - reads it from stdin',
    commands: RUNS,
  }),
  nullSeparated: setting({
    name: 'null',
    kind: SWITCH,
    default: false,
    meaning: 'the names of --files-from are separated by NUL, as find -print0 writes them',
    commands: RUNS,
  }),
  dedupe: setting({
    name: 'dedupe',
    kind: SWITCH,
    default: false,
    meaning: 'ask files of the same bytes once; every one gets its row, marked',
    commands: RUNS,
  }),
  limit: setting({
    name: 'limit',
    kind: optional(whole({ min: 1 })),
    default: null,
    defaultIs: 'all',
    meaning: 'ask only so many items; the same command without it goes on with the others',
    unit: 'items',
    commands: RUNS,
  }),
  shard: setting({
    name: 'shard',
    kind: optional(SHARD),
    default: null,
    defaultIs: 'all',
    meaning:
      'only the I-th of N parts of the inputs, so that N machines share them without a queue; export RUN RUN... puts the rows together',
    commands: RUNS,
  }),
  roots: setting({
    name: 'root',
    kind: several(ROOT),
    default: [],
    defaultIs: "the run's own folders, at the same path",
    meaning: 'a folder files may be read from, under the name the run knows it by; may be repeated',
    commands: SERVES,
  }),
  overwrite: setting({
    name: 'overwrite',
    kind: SWITCH,
    default: false,
    meaning: 'replace an output file that this run did not write, or that was changed since',
    commands: [...RUNS, 'export'],
  }),
  columns: setting({
    name: 'columns',
    kind: choice('default', 'all'),
    default: 'default',
    meaning: 'columns of a CSV: those for people, or everything a record holds',
    commands: [...RUNS, 'export'],
  }),
  explode: setting({
    name: 'explode',
    kind: optional(text('COLUMN')),
    default: null,
    defaultIs: 'one line a row',
    meaning: 'a CSV gets one line for every element of this list, the other columns repeated',
    commands: [...RUNS, 'export'],
  }),
  bom: setting({
    name: 'bom',
    kind: SWITCH,
    default: false,
    meaning: 'begin a CSV with a byte order mark, which Excel needs to read UTF-8',
    commands: [...RUNS, 'export'],
  }),
  csvDialect: setting({
    name: 'csv-dialect',
    kind: optional(choice('default', 'table')),
    default: null,
    defaultIs: 'default; in export as the run wrote it',
    meaning: 'how a CSV is written: UTF-8 with commas, or as the one .csv or .tsv table that is the input',
    commands: [...RUNS, 'export'],
  }),
  exportEveryMs: setting({
    name: 'export-every',
    kind: DURATION,
    default: 10 * MINUTE_MS,
    meaning: 'how often unfinished outputs are brought up to date while the run goes on',
    commands: RUNS,
  }),
  json: setting({
    name: 'json',
    kind: SWITCH,
    default: false,
    meaning: 'print JSON',
    commands: [...PRINTS, 'export'],
  }),
  mixed: setting({
    name: 'mixed',
    kind: SWITCH,
    default: false,
    meaning: 'put rows of different questions or models into one output; each JSON line says what it answers',
    commands: ['export'],
  }),
} as const satisfies SettingRows;
