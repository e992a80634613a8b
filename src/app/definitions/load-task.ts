import { dirname, extname, resolve } from 'node:path';
import { z } from 'zod';
import { columnsOf } from '../../../jobs/schema/columns.js';
import { TASK_NAMES } from '../../core/ask.js';
import { EXIT, ExitError } from '../../core/exit.js';
import { isJsonSchema } from '../../core/json-schema.js';
import { isModule, LOAD_LIMIT, type LoadLimit, loadModule, readDefinition, unusable } from './load-module.js';
import { type LoadedSchema, loadSchema, parseData, schemaFrom } from './load-schema.js';

/** A task that a user has defined. */
export interface OwnTask {
  /** Lower-case letters, digits and dashes; none of the built-in names. */
  readonly name: string;
  readonly prompt: string;
  readonly system: string | null;
  /** Null where the answer is text. */
  readonly schema: LoadedSchema | null;
  /** The result's columns in a table and their order; null for all of them. */
  readonly columns: readonly string[] | null;
  /** Tokens an answer may have; null leaves it to the product. */
  readonly maxTokens: number | null;
  /** How freely the model chooses its words; null leaves it to the product. */
  readonly temperature: number | null;
}

const words = z.string().refine((text) => text.trim() !== '', 'Expected a text, got an empty one');

const taskFile = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]*$/, 'Expected lower-case letters, digits and dashes, a letter first')
    .refine(
      (name) => !TASK_NAMES.some((taken) => taken === name),
      'Expected a name of its own, got that of a built-in task',
    ),
  prompt: words,
  system: words.nullish(),
  /** A zod type, a JSON Schema, or the path of a file with one. */
  schema: z.unknown().optional(),
  columns: z
    .array(z.string().min(1))
    .nonempty()
    .refine((names) => new Set(names).size === names.length, 'Expected each column once')
    .nullish(),
  maxTokens: z.int().positive().nullish(),
  temperature: z.number().min(0).max(2).nullish(),
});

/**
 * Reads a task of a user's own: a YAML or JSON file, or a module whose default export is the task. A schema file that it
 * names is looked for beside it. Throws ExitError 2 with everything that is wrong with it.
 */
export async function loadTask(file: string, cwd: string, limit: LoadLimit = LOAD_LIMIT): Promise<OwnTask> {
  const content = await contentOf(file, cwd, limit);
  const { schema } = fieldsOf(file, content);
  return taskFrom(file, content, await schemaOf(schema, { file, cwd, limit }));
}

/**
 * What was written down, in `file` or by a program, as a task.
 *
 * @param schema - the schema that it names; null where it names none
 * @throws ExitError 2 with everything that is wrong with it
 */
export function taskFrom(file: string, content: unknown, schema: LoadedSchema | null): OwnTask {
  const { columns = null, maxTokens = null, name, prompt, system = null, temperature = null } = fieldsOf(file, content);
  refuseUnknown(columns ?? [], { file, schema });
  return { name, prompt, system, schema, columns, maxTokens, temperature };
}

function fieldsOf(file: string, content: unknown): z.infer<typeof taskFile> {
  const parsed = taskFile.safeParse(content);
  if (parsed.success) return parsed.data;
  throw new ExitError(EXIT.usage, parsed.error.issues.map((issue) => lineOf(file, issue)).join('\n'));
}

function refuseUnknown(
  columns: readonly string[],
  of: { readonly file: string; readonly schema: LoadedSchema | null },
): void {
  const { file, schema } = of;
  const known = schema === null ? ['text'] : columnsOf(schema.schema, new Set()).map(({ header }) => header);
  const unknown = columns.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw unusable(file, `columns: Expected some of ${known.join(', ')}, got ${unknown.join(', ')}`);
  }
}

async function contentOf(file: string, cwd: string, limit: LoadLimit): Promise<unknown> {
  if (isModule(file)) {
    const { default: task } = await loadModule(file, cwd, limit);
    if (task === undefined) throw unusable(file, 'Expected the task as the default export, got none');
    return task;
  }
  if (['.yaml', '.yml', '.json'].includes(extname(file).toLowerCase())) {
    return await parseData(file, await readDefinition(file, cwd));
  }
  throw unusable(file, 'Expected a file ending in .yaml, .yml, .json, .ts, .mts, .js or .mjs');
}

interface Place {
  readonly file: string;
  readonly cwd: string;
  readonly limit: LoadLimit;
}

async function schemaOf(schema: unknown, { file, cwd, limit }: Place): Promise<LoadedSchema | null> {
  if (schema === undefined || schema === null) return null;
  if (typeof schema === 'string') return await loadSchema(schema, dirname(resolve(cwd, file)), limit);
  if (!isJsonSchema(schema)) {
    throw unusable(
      file,
      `schema: Expected a zod type, a JSON Schema or the path of one, got ${JSON.stringify(schema)}`,
    );
  }
  return schemaFrom(`${file}: schema`, schema);
}

function lineOf(file: string, { path, message }: z.core.$ZodIssue): string {
  return path.length === 0 ? `${file}: ${message}` : `${file}: ${z.core.toDotPath(path)}: ${message}`;
}
