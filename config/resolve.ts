import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { messageOf } from '../src/core/errors.js';
import { readValue } from './kinds.js';
import type { Layer, NamedRow, Origin, RawValue } from './layer.js';
import type { Place } from './place.js';
import type { SettingKey } from './schema.js';
import type { Kind } from './setting.js';

export const DEFAULT: Origin = { kind: 'default', where: 'default' };

/** What came of one raw value. */
export type Parsed<T> =
  | { readonly value: T; readonly problems: readonly [] }
  | { readonly problems: readonly [string, ...string[]] };

/** One setting, decided. */
export interface Resolved {
  readonly key: SettingKey;
  /** The default where there are problems. */
  readonly value: unknown;
  readonly origin: Origin;
  readonly problems: readonly string[];
}

/**
 * Takes the first layer's value, else the default. What the other layers say is parsed all the same, so that a mistake
 * does not show up only when a flag is left out; but what it names is not read.
 *
 * @param place - whose folder is the working directory, which `@FILE` is relative to
 */
export async function resolveRow({ key, row }: NamedRow, layers: readonly Layer[], place: Place): Promise<Resolved> {
  const found = layers.flatMap(({ values }) => values.get(key) ?? []);
  const parsed = await Promise.all(
    found.map(async (raw, index) => {
      const value = row.fromFile === true ? await parseText(row.kind, raw, place.folder) : parseRaw(row.kind, raw);
      return index === 0 && 'value' in value
        ? await readRaw({ kind: row.kind, value: value.value, raw }, place)
        : value;
    }),
  );
  const [first] = parsed;
  return {
    key,
    value: first !== undefined && 'value' in first ? first.value : row.default,
    origin: found[0]?.origin ?? DEFAULT,
    problems: parsed.flatMap(({ problems }) => problems),
  };
}

/** Parses a value where it stands. */
export function parseRaw<T>(kind: Kind<T>, { raw, locate }: RawValue): Parsed<T> {
  const result = kind.type.safeParse(raw);
  if (result.success) return { value: result.data, problems: [] };
  const [first = 'Expected another value', ...more] = result.error.issues.map(
    ({ path, message }) => `${locate(path)} ${message}`,
  );
  return { problems: [first, ...more] };
}

/** A value that was parsed, with where it stood. */
interface ParsedRaw<T> {
  readonly kind: Kind<T>;
  readonly value: T;
  readonly raw: RawValue;
}

/** Reads what a parsed value names. */
export async function readRaw<T>({ kind, value, raw }: ParsedRaw<T>, place: Place): Promise<Parsed<T>> {
  const problems: string[] = [];
  const read = await readValue(kind, value, {
    folder: raw.folder ?? place.folder,
    variable: place.variable,
    complain: (path, message) => problems.push(`${raw.locate(path)} ${message}`),
  });
  const [first, ...more] = problems;
  return first === undefined ? { value: read, problems: [] } : { problems: [first, ...more] };
}

/** Parses a value that may stand in a file of its own, `@FILE`; of several values each may. */
async function parseText<T>(kind: Kind<T>, found: RawValue, cwd: string): Promise<Parsed<T>> {
  const { raw } = found;
  const read = Array.isArray(raw) && kind.several === true ? raw.map((one) => fileText(one, cwd)) : fileText(raw, cwd);
  try {
    return parseRaw(kind, { ...found, raw: await (Array.isArray(read) ? Promise.all(read) : read) });
  } catch (thrown) {
    if (!(thrown instanceof UnreadableText)) throw thrown;
    return { problems: [`${found.locate([])} ${thrown.message}`] };
  }
}

/** A file named by `@FILE` that cannot be read. */
class UnreadableText extends Error {}

/** The text of the file that a value `@FILE` names; any other value as it is. */
async function fileText(raw: unknown, cwd: string): Promise<unknown> {
  if (typeof raw !== 'string' || !raw.startsWith('@')) return raw;
  const file = raw.slice(1);
  try {
    return (await readFile(resolve(cwd, file), 'utf8')).trimEnd();
  } catch (thrown) {
    throw new UnreadableText(`${file} cannot be read (${messageOf(thrown)})`);
  }
}
