import { z } from 'zod';
import { VisionError } from '../../src/core/errors.js';
import { type JsonSchema, pointer, UnusableSchema } from '../../src/core/json-schema.js';
import { normalSchema } from '../../src/core/schema/normal.js';
import { isZodType, jsonSchemaOf } from './from-zod.js';
import { jsonValue } from './json-value.js';
import { dropNulls } from './nulls.js';

/** A value that a schema allows, as JSON; or what is wrong with it, in words for the model and for people. */
export type Checked = { readonly data: unknown } | { readonly complaint: string };

/**
 * Holds a parsed answer to a schema. Throws ASK_REFUSED alone: the schema has a check that gives a promise, which only
 * showed when it was reached, and no answer can pass it.
 */
export type Check = (value: unknown) => Checked;

/** A complaint goes back to the model and into the row. */
const LONGEST_COMPLAINT = 1_000;

/**
 * A check that holds values to a JSON Schema: the user's own, without the bounds that only end a grammar. A null for a
 * member that may be left out, and may not be null, counts as left out: models are asked for null where they see nothing.
 * Throws UnusableSchema for a schema that cannot be checked.
 */
export function checkOf(schema: JsonSchema): Check {
  const normal = normalSchema(schema);
  return checker(zodOf(normal), normal);
}

/**
 * A check that holds values to a zod type. `data` is its output as JSON. Throws UnusableSchema as `jsonSchemaOf`, and for
 * checks and transforms that are seen to be async.
 */
export function checkOfZod(type: z.ZodType): Check {
  refuseAsync(type);
  return checker(type, normalSchema(jsonSchemaOf(type).schema));
}

function checker(type: z.ZodType, schema: JsonSchema): Check {
  return (value) => {
    try {
      const result = type.safeParse(dropNulls(value, schema));
      return result.success ? { data: jsonValue(result.data) } : { complaint: complaintOf(result.error.issues) };
    } catch (error) {
      if (givesPromise(error)) throw new VisionError('ASK_REFUSED', 'A check of the schema is async.', { fix: SYNC });
      // A user's own check may throw.
      return { complaint: bounded(`The schema's own check failed: ${error instanceof Error ? error.message : error}`) };
    }
  };
}

const SYNC = 'Use checks and transforms that give their result at once, without async or a promise.';

function refuseAsync(type: z.ZodType): void {
  z.toJSONSchema(type, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, path }) => {
      if (!isAsync(zodSchema)) return;
      throw new UnusableSchema({
        path: pointer('#', ...path),
        problem: 'it has an async check or transform',
        fix: SYNC,
      });
    },
  });
}

/** Whether a type's own functions are written as async; others may give a promise all the same. */
function isAsync({ _zod: { def } }: z.core.$ZodType): boolean {
  const checks = (def.checks ?? []).map((check) => check._zod.def);
  const ends = Object.values(def).flatMap((member) => (isZodType(member) ? [member._zod.def] : [])); // a pipe's
  return [def, ...checks, ...ends].some((one) => {
    const own: readonly unknown[] = ['fn' in one && one.fn, 'transform' in one && one.transform];
    return own.some((written) => written instanceof Function && written.constructor.name === 'AsyncFunction');
  });
}

/** By its name: the user's zod may be another copy. */
function givesPromise(error: unknown): boolean {
  return error instanceof Error && error.constructor.name === '$ZodAsyncError';
}

function zodOf(schema: JsonSchema): z.ZodType {
  try {
    return z.fromJSONSchema(schema, { registry: z.registry<Record<string, unknown>>() });
  } catch (error) {
    const problem = `it cannot be checked: ${error instanceof Error ? error.message : error}`;
    throw new UnusableSchema({
      path: '#',
      problem,
      fix: 'Use plainer keywords: type, properties, items, enum, anyOf.',
    });
  }
}

/** One line an issue: `total: Expected …`. */
function complaintOf(issues: readonly z.core.$ZodIssue[]): string {
  const lines = issues.flatMap((issue) => linesOf(issue, []));
  return bounded([...new Set(lines)].join('\n'));
}

function linesOf(issue: z.core.$ZodIssue, path: readonly PropertyKey[]): readonly string[] {
  const place = [...path, ...issue.path];
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [lineOf(issue.message, place)];
  // The choice that came closest says most: the one whose complaints lie deepest.
  const depth = (issues: readonly z.core.$ZodIssue[]): number => Math.max(0, ...issues.map((one) => one.path.length));
  const [closest] = issue.errors.toSorted((a, b) => depth(b) - depth(a) || a.length - b.length);
  return (closest ?? []).flatMap((one) => linesOf(one, place));
}

function lineOf(message: string, path: readonly PropertyKey[]): string {
  return path.length === 0 ? message : `${z.core.toDotPath(path)}: ${message}`;
}

function bounded(text: string): string {
  if (text.length <= LONGEST_COMPLAINT) return text;
  const cut = text.lastIndexOf('\n', LONGEST_COMPLAINT - 10);
  return `${text.slice(0, cut > 0 ? cut : LONGEST_COMPLAINT - 10)}\n… and more`;
}
