import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { TaskName } from '../src/core/ask.js';
import { messageOf } from '../src/core/errors.js';
import { EXIT, ExitError } from '../src/core/exit.js';
import { redact } from '../src/core/redact.js';
import { defaultHosts } from './hosts/default-hosts.js';
import { gatherHosts } from './hosts/hosts-now.js';
import { several, text } from './kinds.js';
import { CONFIG_VARIABLE, environmentLayer, flagLayer, type Origin, ROWS } from './layer.js';
import { variablesOf } from './place.js';
import { DEFAULT, parseRaw, type Resolved, resolveRow } from './resolve.js';
import type { Start } from './rule.js';
import { brokenRules } from './rules.js';
import { type Given, isAskKey, type SettingKey, type Settings } from './schema.js';
import type { CommandName, Kind } from './setting.js';
import { TASK } from './task-member.js';
import type { YamlFile } from './yaml-file.js';

/** Read where no other file is named, if it is there. */
export const DEFAULT_FILE = 'visionbatch.yaml';

export interface LoadOptions {
  readonly command: CommandName;
  /** The command's task; null where it has none, or where the file names it. */
  readonly task: TaskName | null;
  /** Parsed flags by YAML key; only those that the user wrote. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The configuration file that the user named, or null. */
  readonly file: string | null;
  /** Folder that file names are relative to. */
  readonly cwd: string;
}

/** Everything a command is started with. */
export interface Loaded {
  readonly settings: Settings;
  readonly given: Given;
  readonly origins: Readonly<Record<SettingKey, Origin>>;
  /** From the options or, for `run`, from the file. */
  readonly task: TaskName | null;
  /** The file of an own task, where `run`'s file names one; relative to the working directory. */
  readonly taskFile: string | null;
  /** From the file, for `run`; else empty. */
  readonly inputs: readonly string[];
}

/**
 * Resolves every setting: flag, else environment, else file, else default.
 *
 * @throws ExitError (usage) whose message lists every problem with the place it stands at, and no secret
 */
export async function loadSettings(options: LoadOptions): Promise<Loaded> {
  const file = await readConfigFile(options);
  const layers = [flagLayer(options.flags), environmentLayer(options.env), file];
  const place = { folder: options.cwd, variable: variablesOf(options.env) };
  const resolved = await Promise.all(ROWS.map((row) => resolveRow(row, layers, place)));
  const members = options.command === 'run' ? runMembers(file) : { ...NO_MEMBERS, task: options.task };
  const settled = await Promise.all(
    resolved.map((one) => (one.key === 'hosts' ? allHosts(resolved, one, options) : one)),
  );
  const settings = byKey(settled, ({ value }) => value) as Settings;
  const origins = byKey(settled, ({ origin }) => origin) as Loaded['origins'];
  throwProblems([
    ...[...layers, ...settled, members].flatMap(({ problems }) => problems),
    ...ruleProblems({ settings, command: options.command, task: members.task }, settled),
  ]);
  const given = byKey(
    settled.filter(({ key, origin }) => isAskKey(key) && origin !== DEFAULT),
    ({ value }) => value,
  ) as Given;
  return { settings, given, origins, task: members.task, taskFile: members.taskFile, inputs: members.inputs };
}

function byKey<T>(resolved: readonly Resolved[], pick: (one: Resolved) => T): Record<string, T> {
  return Object.fromEntries(resolved.map((one) => [one.key, pick(one)]));
}

async function readConfigFile({ file, env, cwd, command }: LoadOptions): Promise<YamlFile> {
  const named = file ?? (env[CONFIG_VARIABLE] || null);
  const name = named ?? DEFAULT_FILE;
  const others = command === 'run' ? ['task', 'inputs'] : [];
  try {
    const text = await readFile(resolve(cwd, name), 'utf8');
    const { parseYamlFile } = await import('./yaml-file.js'); // most commands have no such file
    return parseYamlFile({ name, text, folder: dirname(resolve(cwd, name)), others });
  } catch (thrown) {
    const absent = thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT';
    const problems = absent && named === null ? [] : [`${name}: cannot be read (${messageOf(thrown)})`];
    return { values: new Map(), others: new Map(), problems };
  }
}

const INPUTS = several(text('PATH'));

/** What a file for `run` holds beside settings. */
interface Members extends Pick<Loaded, 'task' | 'taskFile' | 'inputs'> {
  readonly problems: readonly string[];
}

const NO_MEMBERS: Members = { task: null, taskFile: null, inputs: [], problems: [] };

function runMembers(file: YamlFile): Members {
  const { value: task, ...named } = parseMember(TASK, 'task', file);
  const inputs = parseMember(INPUTS, 'inputs', file);
  return {
    ...NO_MEMBERS,
    ...task,
    inputs: inputs.value ?? [],
    problems: [...named.problems, ...inputs.problems],
  };
}

function parseMember<T>(kind: Kind<T>, name: string, file: YamlFile): { value?: T; problems: readonly string[] } {
  const member = file.others.get(name);
  return member === undefined
    ? { problems: [`${name}: Expected ${kind.placeholder}, got none`] }
    : parseRaw(kind, member);
}

/** The hosts that were named, or else the default ones, and those of the hosts file, each with what is common to all. */
async function allHosts(
  resolved: readonly Resolved[],
  named: Resolved,
  { command, env }: LoadOptions,
): Promise<Resolved> {
  if (named.problems.length > 0) return named;
  const settings = byKey(resolved, ({ value }) => value) as Settings;
  const other = named.origin === DEFAULT ? defaultHosts(settings, { command, env }) : null;
  const start = { ...settings, hosts: other?.hosts ?? settings.hosts };
  const gathered = await gatherHosts(start, { variable: variablesOf(env) });
  const problems = [...(other?.problems ?? []), ...('problems' in gathered ? gathered.problems : [])];
  const value = 'hosts' in gathered ? gathered.hosts : start.hosts;
  return { key: named.key, value, origin: other?.origin ?? named.origin, problems };
}

function ruleProblems(start: Start, resolved: readonly Resolved[]): string[] {
  const broken = new Set(resolved.filter(({ problems }) => problems.length > 0).map(({ key }) => key));
  return brokenRules(start, broken).map(([key, sentence]) => {
    const origin = resolved.find((one) => one.key === key)?.origin ?? DEFAULT;
    const flag = `--${ROWS.find((named) => named.key === key)?.row.name}`;
    return `${origin === DEFAULT ? flag : origin.where}: ${sentence}`;
  });
}

function throwProblems(problems: readonly string[]): void {
  if (problems.length > 0) throw new ExitError(EXIT.usage, redact(problems.join('\n')));
}
