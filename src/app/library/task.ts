import type { z } from 'zod';
import { isZodType } from '../../../jobs/schema/from-zod.js';
import { type LoadedSchema, schemaFrom } from '../definitions/load-schema.js';
import { type OwnTask, taskFrom } from '../definitions/load-task.js';
import { toVisionBatchError, usageError } from './errors.js';

/** The tasks that visionbatch brings along. */
export type BuiltInTask = 'ocr' | 'caption' | 'ask' | 'compare' | 'classify' | 'extract';

/** A zod type whose values are `T`. */
export type Schema<T> = z.ZodType<T>;

/** A task of your own; see {@link defineTask}. `T` is the type of its data, null where it answers with text. */
export interface Task<T> {
  /** Lower-case letters, digits and dashes, a letter first; none of the built-in names. It stands in every record. */
  readonly name: string;
  /** What is asked of every image. `{{name}}` stands for a column of the item, or for `{{file.name}}` and its like. */
  readonly prompt: string;
  /**
   * The system message.
   *
   * @defaultValue none
   */
  readonly system?: string;
  /**
   * What the answer is to be. It constrains the model, and every answer is held to it.
   *
   * @defaultValue none: the answer is text
   */
  readonly schema?: Schema<T>;
  /**
   * Columns of a CSV and their order, such as `['total', 'vendor.name']`.
   *
   * @defaultValue all that the schema has
   */
  readonly columns?: readonly string[];
  /**
   * Tokens that an answer may have.
   *
   * @defaultValue 1024
   */
  readonly maxTokens?: number;
  /**
   * How freely the model chooses its words, 0 to 2.
   *
   * @defaultValue 0
   */
  readonly temperature?: number;
}

/**
 * Defines a task: what is asked of every image, and what the answer is to be. The type of the data follows from the
 * schema. A module whose default export it is can be run from the command line, too: `visionbatch task FILE INPUT…`.
 *
 * @throws VisionBatchError 2 with everything that is wrong with it
 * @example
 * ```ts
 * export default defineTask({
 *   name: 'receipt',
 *   prompt: 'Read this receipt.',
 *   schema: z.object({ vendor: z.string(), total: z.number(), date: z.iso.date().nullable() }),
 * });
 * ```
 */
export function defineTask<T = null>(task: Task<T>): Task<T> {
  ownTaskOf(task);
  return Object.freeze({ ...task });
}

/** A task as the pipeline takes it. Throws VisionBatchError 2 with everything that is wrong with it. */
export function ownTaskOf<T>(task: Task<T>): OwnTask {
  if (typeof task !== 'object' || task === null) throw usageError(`Expected a task, got ${typeof task}`);
  const { schema, ...fields } = task;
  try {
    return taskFrom('task', fields, schema === undefined ? null : loadedSchema(schema, 'task: schema'));
  } catch (error) {
    throw toVisionBatchError(error);
  }
}

/**
 * A zod type with its JSON Schema.
 *
 * @param where - what the error calls it
 * @throws VisionBatchError 2 for what is no type of zod 4, or one that no answer can have
 */
export function loadedSchema<T>(schema: Schema<T>, where: string): LoadedSchema {
  if (!isZodType(schema)) throw usageError(`${where}: Expected a type of zod 4, got ${typeof schema}`);
  try {
    return schemaFrom(where, schema);
  } catch (error) {
    throw toVisionBatchError(error);
  }
}
