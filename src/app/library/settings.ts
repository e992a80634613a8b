import { closest } from '../../../config/closest.js';
import { LOCAL_OLLAMA } from '../../../config/hosts.js';
import { didYouMean, ROWS } from '../../../config/layer.js';
import { parseRaw } from '../../../config/resolve.js';
import { brokenRules } from '../../../config/rules.js';
import { type Given, isAskKey, type SettingKey, type Settings } from '../../../config/schema.js';
import { yamlKey } from '../../../config/setting.js';
import type { TaskName } from '../../core/ask.js';
import { redact } from '../../core/redact.js';
import { STDOUT } from '../../results/location.js';
import { usageError } from './errors.js';

/** Settings that say how a command speaks, or that a program gives in another form. */
const NOT_OPTIONS: ReadonlySet<SettingKey> = new Set([
  'json',
  'progress',
  'quiet',
  'verbose',
  'logFormat',
  'color',
  'schema',
  'filesFrom',
  'nullSeparated',
]);

const OPTION_ROWS = ROWS.filter(({ key }) => !NOT_OPTIONS.has(key)).map(({ key, row }) => ({
  key,
  row,
  name: yamlKey(row),
}));

/** Names of the settings that a program may give as options. */
export const OPTION_NAMES: readonly string[] = OPTION_ROWS.map(({ name }) => name);

/** The settings of a call, and those of them that decide what is asked. */
export interface CallSettings {
  readonly settings: Settings;
  readonly given: Given;
}

/**
 * The settings that a program gives by their keys in a configuration file. Texts stand for themselves, `@` or not; what
 * is undefined is not given.
 *
 * @throws VisionBatchError 2 with every problem at once
 */
export function settingsOf(options: Readonly<Record<string, unknown>>, task: TaskName): CallSettings {
  const problems = unknownNames(options);
  const values = new Map<SettingKey, unknown>(ROWS.map(({ key, row }) => [key, row.default]));
  const given = new Map<SettingKey, unknown>();
  const broken = new Set<SettingKey>();
  for (const { key, name, row } of OPTION_ROWS) {
    const raw = options[name];
    if (raw === undefined) continue;
    const parsed = parseRaw(row.kind, { raw, origin: { kind: 'flag', where: name }, locate: () => `${name}:` });
    if (!('value' in parsed)) {
      problems.push(...parsed.problems);
      broken.add(key);
    } else given.set(key, parsed.value);
  }
  for (const [key, value] of given) values.set(key, value);
  if (!given.has('hosts')) values.set('hosts', given.has('redis') ? [] : [LOCAL_OLLAMA]);
  const settings = Object.fromEntries(values) as Settings; // every row has put its value in
  problems.push(...ruleProblems(settings, task, broken));
  if (problems.length > 0) throw usageError(redact(problems.join('\n')));
  return { settings, given: Object.fromEntries([...given].filter(([key]) => isAskKey(key))) };
}

/** A run without an output keeps its rows in its store, as one that streams them does. */
function ruleProblems(settings: Settings, task: TaskName, broken: ReadonlySet<SettingKey>): readonly string[] {
  const outputs = settings.outputs.length === 0 ? [STDOUT] : settings.outputs;
  const rules = brokenRules({ settings: { ...settings, outputs }, command: 'run', task }, broken);
  const streams = settings.outputs.includes(STDOUT)
    ? [`output: Expected a path that ends in .jsonl or .csv, got - : iterate over the batch instead`]
    : [];
  const others = rules.filter(([key]) => key !== 'schema'); // a program gives a type, not a file
  return [...others.map(([key, sentence]) => `${nameOf(key)}: ${sentence}`), ...streams];
}

function nameOf(key: SettingKey): string {
  return OPTION_ROWS.find((one) => one.key === key)?.name ?? key;
}

function unknownNames(options: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(options)
    .filter((name) => options[name] !== undefined && !OPTION_NAMES.includes(name))
    .map((name) => `${name}: no such option${didYouMean(closest(name, new Set(OPTION_NAMES)))}`);
}
