import { closest } from '../../../config/closest.js';
import { LOCAL_ADDRESS } from '../../../config/hosts/address.js';
import { bareHost } from '../../../config/hosts/host.js';
import { gatherHosts } from '../../../config/hosts/hosts-now.js';
import { didYouMean, type NamedRow, ROWS } from '../../../config/layer.js';
import { type Place, processPlace } from '../../../config/place.js';
import { type Parsed, parseRaw, readRaw } from '../../../config/resolve.js';
import { brokenRules } from '../../../config/rules.js';
import { type Given, type HostSpec, isAskKey, type SettingKey, type Settings } from '../../../config/schema.js';
import { yamlKey } from '../../../config/setting.js';
import type { TaskName } from '../../core/ask.js';
import { redact } from '../../core/redact.js';
import { STDOUT } from '../../results/location.js';
import { usageError } from './errors.js';

/** Settings that say how a command speaks, or that a program gives in another form. */
const NOT_OPTIONS: ReadonlySet<SettingKey> = new Set([
  'json',
  'mixed',
  'progress',
  'quiet',
  'verbose',
  'logFormat',
  'color',
  'schema',
  'filesFrom',
  'nullSeparated',
  'exitWhenIdleMs',
]);

/** A setting with the name of its option. */
interface OptionRow extends NamedRow {
  readonly name: string;
}

const OPTION_ROWS: readonly OptionRow[] = ROWS.filter(({ key }) => !NOT_OPTIONS.has(key)).map(({ key, row }) => ({
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
 * is undefined is not given. Of the environment nothing is read but what is named, `env:NAME`.
 *
 * @throws VisionBatchError 2 with every problem at once
 */
export async function settingsOf(options: Readonly<Record<string, unknown>>, task: TaskName): Promise<CallSettings> {
  const place = processPlace();
  const problems = unknownNames(options);
  const given = new Map<SettingKey, unknown>();
  const broken = new Set<SettingKey>();
  for (const row of OPTION_ROWS) {
    if (options[row.name] === undefined) continue;
    const value = await givenValue(row, options[row.name], place);
    if ('value' in value) given.set(row.key, value.value);
    else broken.add(row.key);
    problems.push(...value.problems);
  }
  const defaults = ROWS.map(({ key, row }) => [key, row.default] as const);
  const named = Object.fromEntries([...defaults, ...given]) as Settings; // every row has put its value in
  const gathered = await gatherHosts({ ...named, hosts: namedHosts(named, given) }, place);
  if ('problems' in gathered) problems.push(...gathered.problems);
  const settings = { ...named, hosts: 'hosts' in gathered ? gathered.hosts : [] };
  problems.push(...ruleProblems(settings, task, broken));
  if (problems.length > 0) throw usageError(redact(problems.join('\n')));
  return { settings, given: Object.fromEntries([...given].filter(([key]) => isAskKey(key))) };
}

async function givenValue({ name, row }: OptionRow, raw: unknown, place: Place): Promise<Parsed<unknown>> {
  const found = { raw, origin: { kind: 'flag', where: name }, folder: null, locate: () => `${name}:` } as const;
  const parsed = parseRaw(row.kind, found);
  return 'value' in parsed ? await readRaw({ kind: row.kind, value: parsed.value, raw: found }, place) : parsed;
}

function namedHosts(
  { hosts, hostsFile, redis }: Settings,
  given: ReadonlyMap<SettingKey, unknown>,
): readonly HostSpec[] {
  if (given.has('hosts')) return hosts;
  return hostsFile === null && redis === null ? [bareHost(LOCAL_ADDRESS)] : [];
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
