import { closest } from './closest.js';
import { SETTINGS, type SettingKey } from './schema.js';
import { ENV_PREFIX, envName, type Setting, yamlKey } from './setting.js';

/** Where a setting's value came from. */
export interface Origin {
  readonly kind: 'flag' | 'environment' | 'file' | 'default';
  /** The flag, the variable, `FILE:LINE:COLUMN`, or `default`. */
  readonly where: string;
}

/** A value as it was found, not yet parsed. */
export interface RawValue {
  readonly raw: unknown;
  readonly origin: Origin;
  /** Folder that file names in it are relative to; null for the working directory. */
  readonly folder: string | null;
  /** Names the value or, in a list, one of its elements, as the start of a problem's line. */
  locate(path: readonly PropertyKey[]): string;
}

/** What one source gives, and what is wrong with it beside its values. */
export interface Layer {
  readonly values: ReadonlyMap<SettingKey, RawValue>;
  readonly problems: readonly string[];
}

/** A setting's row with its name in `Settings`. */
export interface NamedRow {
  readonly key: SettingKey;
  readonly row: Setting<unknown>;
}

/** Every row in the order of the schema. */
export const ROWS: readonly NamedRow[] = Object.entries(SETTINGS).map(([key, row]) => ({
  key: key as SettingKey,
  row,
}));

/** The variable that names a configuration file, where no flag does. */
export const CONFIG_VARIABLE = `${ENV_PREFIX}CONFIG`;

/** Reads parsed flags, by the rows' YAML keys; an absent one is undefined. */
export function flagLayer(flags: Readonly<Record<string, unknown>>): Layer {
  const values = new Map<SettingKey, RawValue>();
  for (const { key, row } of ROWS) {
    const raw = flags[yamlKey(row)];
    if (raw !== undefined) values.set(key, named(raw, { kind: 'flag', where: `--${row.name}` }));
  }
  return { values, problems: [] };
}

/** Reads our variables, and those of others that we honour. An empty variable is as good as none. */
export function environmentLayer(env: Readonly<Record<string, string | undefined>>): Layer {
  const values = new Map<SettingKey, RawValue>();
  for (const { key, row } of ROWS) {
    const name = [envName(row), ...(row.standard === undefined ? [] : [row.standard])].find((one) => env[one]);
    const text = name === undefined ? undefined : env[name];
    if (name === undefined || text === undefined) continue;
    values.set(key, named(row.kind.several ? split(text) : text, { kind: 'environment', where: name }));
  }
  return { values, problems: unknownVariables(env) };
}

function named(raw: unknown, origin: Origin): RawValue {
  return { raw, origin, folder: null, locate: () => `${origin.where}:` };
}

function split(text: string): string[] {
  return text
    .split(/[;\n]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function unknownVariables(env: Readonly<Record<string, string | undefined>>): string[] {
  const known = new Set([CONFIG_VARIABLE, ...ROWS.map(({ row }) => envName(row))]);
  return Object.keys(env)
    .filter((name) => name.startsWith(ENV_PREFIX) && !known.has(name))
    .map((name) => `${name}: no such setting${didYouMean(closest(name, known))}`);
}

/** ` - did you mean x ?`, or nothing. */
export function didYouMean(word: string | undefined): string {
  return word === undefined ? '' : ` - did you mean ${word} ?`;
}
