import { z } from 'zod';
import type { Reading } from './place.js';
import type { Kind } from './setting.js';

/** A refusal in our words: `Expected … , got …`. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

/** Refuses a raw value: `Expected a whole number, got "x"`, then the hint. */
export function refuse(expected: string, raw: unknown, hint = ''): never {
  throw new Refusal(`Expected ${expected}, got ${JSON.stringify(raw)}${hint === '' ? '' : ` - ${hint}`}`);
}

/** A zod type made of one function that returns the value or refuses. */
export function parsed<T>(parse: (raw: unknown) => T): z.ZodType<T> {
  return z.unknown().transform((raw, context) => {
    try {
      return parse(raw);
    } catch (thrown) {
      if (!(thrown instanceof Refusal)) throw thrown;
      context.addIssue({ code: 'custom', message: thrown.message });
      return z.NEVER;
    }
  });
}

/** A value that may be absent. It becomes null by not being given only. */
export function optional<T>(kind: Kind<T>): Kind<T | null> {
  return {
    ...kind,
    show: (value) => (value === null ? '' : kind.show(value)),
    read: async (value, reading) => (value === null ? null : await readValue(kind, value, reading)),
  };
}

/** Reads what a value names; of most kinds a value names nothing. */
export async function readValue<T>(kind: Kind<T>, value: T, reading: Reading): Promise<T> {
  return kind.read === undefined ? value : await kind.read(value, reading);
}

/** A reading of the part of a value at a path. */
export function readingAt(step: PropertyKey, reading: Reading): Reading {
  const { folder, variable } = reading;
  return { folder, variable, complain: (path, message) => reading.complain([step, ...path], message) };
}

/** Several values, in the order given. */
export function several<T>(one: Kind<T>): Kind<readonly T[]> {
  return {
    placeholder: one.placeholder,
    several: true,
    type: z.preprocess((raw) => (Array.isArray(raw) ? raw : [raw]), z.array(one.type).readonly()),
    show: (values) => values.map((value) => one.show(value)).join(';'),
    read: (values, reading) =>
      Promise.all(values.map((value, index) => readValue(one, value, readingAt(index, reading)))),
  };
}

/** A switch. */
export const SWITCH: Kind<boolean> = {
  placeholder: null,
  type: parsed((raw) => {
    if (typeof raw === 'boolean') return raw;
    if (typeof raw === 'string' && /^(true|yes|on|1)$/i.test(raw)) return true;
    if (typeof raw === 'string' && /^(false|no|off|0)$/i.test(raw)) return false;
    return refuse('true or false', raw);
  }),
  show: String,
};

/** Any text but the empty one. */
export function text(placeholder: string): Kind<string> {
  return {
    placeholder,
    type: parsed((raw) => {
      if (typeof raw === 'number') return String(raw); // an unquoted number in YAML
      return typeof raw === 'string' && raw !== '' ? raw : refuse('text', raw);
    }),
    show: (value) => value,
  };
}

/** Text that matches a pattern. */
export function pattern(placeholder: string, matches: RegExp, expected: string): Kind<string> {
  return {
    ...text(placeholder),
    type: parsed((raw) => (typeof raw === 'string' && matches.test(raw) ? raw : refuse(expected, raw))),
  };
}

/** One of a few words. */
export function choice<const T extends string>(...words: readonly T[]): Kind<T> {
  return {
    placeholder: words.join('|'),
    type: parsed((raw) => words.find((word) => word === raw) ?? refuse(`one of ${words.join(', ')}`, raw)),
    show: (value) => value,
  };
}

interface Range {
  readonly min: number;
  /** Unbounded where left out. */
  readonly max?: number;
}

/** A whole number; `_` may group its digits. */
export function whole({ min, max = Number.MAX_SAFE_INTEGER }: Range): Kind<number> {
  const expected =
    max === Number.MAX_SAFE_INTEGER ? `a whole number, ${min} or more` : `a whole number from ${min} to ${max}`;
  return {
    placeholder: 'N',
    type: parsed((raw) => {
      const number = toNumber(raw, /^-?\d[\d_]*$/);
      return Number.isSafeInteger(number) && number >= min && number <= max ? number : refuse(expected, raw);
    }),
    show: String,
  };
}

/** A number. */
export function decimal({ min, max }: Required<Range>): Kind<number> {
  return {
    placeholder: 'X',
    type: parsed((raw) => {
      const number = toNumber(raw, /^\d*\.?\d+$/);
      return number >= min && number <= max ? number : refuse(`a number from ${min} to ${max}`, raw);
    }),
    show: String,
  };
}

/** NaN where the text does not match. */
function toNumber(raw: unknown, matches: RegExp): number {
  if (typeof raw === 'number') return raw;
  return typeof raw === 'string' && matches.test(raw) ? Number(raw.replaceAll('_', '')) : Number.NaN;
}
