import type { z } from 'zod';
import type { Reading } from './place.js';

/** Commands that are named after their task; `task` is a user's own, out of a file. */
const TASKS = ['ocr', 'caption', 'ask', 'compare', 'classify', 'extract', 'task'] as const;

/** Every command that reads settings. `run` is any task with everything in a file. */
export const ALL = [
  ...TASKS,
  'run',
  'worker',
  'hosts',
  'models',
  'status',
  'failures',
  'show',
  'export',
  'config',
] as const;
export type CommandName = (typeof ALL)[number];

/** Commands that start or continue a run. */
export const RUNS: readonly CommandName[] = [...TASKS, 'run'];
/** Commands that talk to hosts. */
export const SERVES: readonly CommandName[] = [...RUNS, 'worker'];
/** Commands that look at hosts, and may not serve with them. */
export const LOOKS: readonly CommandName[] = [...SERVES, 'models'];
/** Commands that use a Redis. */
export const SHARES: readonly CommandName[] = [...SERVES, 'hosts'];
/** Commands that only print. */
export const PRINTS: readonly CommandName[] = ['hosts', 'models', 'status', 'failures', 'show', 'config'];

/** What a value may be and how it is written. */
export interface Kind<T> {
  /** Stands for the value in help, such as `PATH`; null for a switch, which is on by being named. */
  readonly placeholder: string | null;
  /** From a flag's or variable's text, or from what YAML holds, to the value. */
  readonly type: z.ZodType<T>;
  /** The value as a user would write it, passwords included; several are separated by `;`. Empty for none. */
  show(value: T): string;
  /** Several values: the flag may be repeated, YAML may hold a list, a variable separates them by `;` or lines. */
  readonly several?: true;
  /** Reads what a value names, variables and files; what cannot be read is complained of and left as it is. */
  read?(value: T, reading: Reading): Promise<T>;
  /** What the flag alone stands for, where its value may be left out (`--flag` or `--flag=VALUE`). */
  readonly bare?: string;
}

/** One row of the schema: everything that is to be known of one setting. */
export interface Setting<T> {
  /** Public name, as the flag has it: `silence-timeout` is `silenceTimeout` in YAML. */
  readonly name: string;
  /** One-letter flag. */
  readonly short?: string;
  /** Another key in YAML. */
  readonly alias?: string;
  readonly kind: Kind<T>;
  readonly default: NoInfer<T>;
  /** What help says instead of the default's own form. */
  readonly defaultIs?: string;
  /** Prose, without a full stop at its end. */
  readonly meaning: string;
  /** What a bare number counts. */
  readonly unit?: 'items' | 'jobs' | 'pixels' | 'tokens' | 'tries' | 'answers';
  /** A value `@FILE` stands for the file's text. */
  readonly fromFile?: true;
  /** Commands that know its flag; variables and YAML may name every setting. */
  readonly commands: readonly CommandName[];
  /** A variable of others that is honoured after ours. */
  readonly standard?: string;
}

/** Settings of one subject, by their names in {@link Settings}. */
export type SettingRows = Readonly<Record<string, Setting<unknown>>>;

/** Gives a row its type. */
export function setting<T>(row: Setting<T>): Setting<T> {
  return row;
}

/** `silence-timeout` → `silenceTimeout`, the key in YAML and of a parsed flag. */
export function yamlKey(row: Pick<Setting<unknown>, 'name'>): string {
  return row.name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** Every variable of ours begins with this. */
export const ENV_PREFIX = 'VISIONBATCH_';

/** `silence-timeout` → `VISIONBATCH_SILENCE_TIMEOUT`. */
export function envName(row: Pick<Setting<unknown>, 'name'>): string {
  return ENV_PREFIX + row.name.replaceAll('-', '_').toUpperCase();
}
