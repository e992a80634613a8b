import { extname } from 'node:path';
import type { z } from 'zod';
import { boundedSchema } from '../../../jobs/schema/bounded.js';
import { isZodType, jsonSchemaOf } from '../../../jobs/schema/from-zod.js';
import { checkOf, checkOfZod } from '../../../jobs/schema/validator.js';
import { EXIT, ExitError } from '../../core/exit.js';
import { isJsonSchema, type JsonSchema, UnusableSchema } from '../../core/json-schema.js';
import { normalSchema } from '../../core/schema/normal.js';
import { grammarOf } from '../../engines/ollama/grammar.js';
import { isModule, LOAD_LIMIT, type LoadLimit, loadModule, readDefinition, unusable } from './load-module.js';

/** A user's schema, ready for use. */
export interface LoadedSchema {
  /** In normal form. */
  readonly schema: JsonSchema;
  /** The type itself, where the file has one: it checks more than the schema can say. */
  readonly zod: z.ZodType | null;
  /** What the schema cannot say of the type, by place. Empty without a type. */
  readonly lost: readonly string[];
}

/**
 * Reads a schema: JSON Schema as .json, .yaml or .yml, or a module whose default export, or export named `schema`, is a
 * zod type or a JSON Schema. Throws ExitError 2 for a file that is missing, wrong, or cannot be used: no answer can be
 * held to it, or none is possible.
 */
export async function loadSchema(file: string, cwd: string, limit: LoadLimit = LOAD_LIMIT): Promise<LoadedSchema> {
  if (isModule(file)) return schemaFrom(file, schemaExport(await loadModule(file, cwd, limit)));
  if (!['.json', '.yaml', '.yml'].includes(extname(file).toLowerCase())) {
    throw unusable(file, 'Expected a file ending in .json, .yaml, .yml, .ts, .mts, .js or .mjs');
  }
  return schemaFrom(file, await parseData(file, await readDefinition(file, cwd)));
}

/** A value of a user's file as a schema. Throws ExitError 2, naming the file. */
export function schemaFrom(file: string, value: unknown): LoadedSchema {
  try {
    if (isZodType(value)) {
      const { schema, lost } = jsonSchemaOf(value);
      checkOfZod(value);
      return { schema: usable(schema), zod: value, lost };
    }
    if (!isJsonSchema(value)) throw unusable(file, `Expected a JSON Schema or a zod type, got ${kindOf(value)}`);
    if ('_def' in value) throw unusable(file, 'Expected a type of zod 4, got one of zod 3');
    return { schema: usable(jsonOf(value)), zod: null, lost: [] };
  } catch (error) {
    if (error instanceof ExitError) throw error;
    if (!(error instanceof UnusableSchema)) throw unusable(file, messageOf(error), error);
    throw new ExitError(EXIT.usage, `${file}: ${error.message}`, { fix: error.fix, cause: error });
  }
}

/** The value of a .json or .yaml file. Throws ExitError 2 with line and column where it is neither. */
export async function parseData(file: string, text: string): Promise<unknown> {
  const { parseYamlValue } = await import('../../../config/yaml-file.js');
  const parsed = parseYamlValue({ name: file, text });
  if ('problems' in parsed) throw new ExitError(EXIT.usage, parsed.problems.join('\n'));
  return parsed.value;
}

/** The schema in normal form, after it went all the ways that it will have to go. */
function usable(schema: JsonSchema): JsonSchema {
  const normal = normalSchema(schema);
  checkOf(normal);
  grammarOf(boundedSchema(normal));
  return normal;
}

/** A CommonJS module arrives whole as the default export. */
function schemaExport(exported: Readonly<Record<string, unknown>>): unknown {
  const { default: main, schema } = exported;
  const isWhole = isJsonSchema(main) && !isZodType(main) && main.type === undefined && isJsonSchema(main.schema);
  return isWhole ? main.schema : (main ?? schema);
}

/** A module's object as JSON has it. */
function jsonOf(value: JsonSchema): JsonSchema {
  const plain: unknown = JSON.parse(JSON.stringify(value));
  return isJsonSchema(plain) ? plain : {};
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing: no default export, and none named `schema`';
  if (value === null) return 'nothing';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
