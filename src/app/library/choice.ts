import { literal } from '../../../jobs/tasks/template.js';
import type { TaskName } from '../../core/ask.js';
import type { LoadedSchema } from '../definitions/load-schema.js';
import type { OwnTask } from '../definitions/load-task.js';
import { type Definition, loadDefinition } from '../run/definition.js';
import { usageError } from './errors.js';
import { settingsOf } from './settings.js';
import { type BuiltInTask, loadedSchema, ownTaskOf, type Schema, type Task } from './task.js';

/** What a program asks, before its options are looked at. */
export interface Choice {
  readonly task: BuiltInTask | Task<unknown> | undefined;
  readonly schema: Schema<unknown> | undefined;
  /** Every other option that is a setting. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Absolute folder that file names are relative to. */
  readonly cwd: string;
}

/** What is asked, as the pipeline takes it. */
export interface Chosen {
  readonly task: TaskName;
  readonly ownTask?: OwnTask;
  readonly schema?: LoadedSchema;
}

const BUILT_IN: readonly string[] = ['ocr', 'caption', 'ask', 'compare', 'classify', 'extract'] satisfies BuiltInTask[];

/** Tells which task it is. Throws VisionBatchError 2 for none, or one that its schema does not go with. */
export function chosenTask({ task, schema }: Pick<Choice, 'task' | 'schema'>): Chosen {
  if (typeof task === 'object' && task !== null) {
    if (schema !== undefined) throw usageError('Expected the schema in the task itself, got one beside it as `schema`');
    return { task: 'own', ownTask: ownTaskOf(task) };
  }
  const name = task ?? (schema === undefined ? 'ask' : 'extract');
  if (!BUILT_IN.includes(name)) {
    throw usageError(
      `Expected \`task\` to be ${BUILT_IN.join(', ')} or a task of your own, got ${JSON.stringify(name)}`,
    );
  }
  if (name === 'extract' && schema === undefined) throw usageError('Expected `schema` to be a zod type, got none');
  if (name !== 'extract' && schema !== undefined) {
    throw usageError(`Expected \`schema\` with the task extract or with none, got it beside ${name}`);
  }
  return schema === undefined ? { task: name } : { task: name, schema: loadedSchema(schema, 'schema') };
}

/** Everything that defines what is asked. Throws VisionBatchError 2 or ExitError 2 with what is wrong with it. */
export async function definitionOf(choice: Choice): Promise<Definition> {
  const chosen = chosenTask(choice);
  const named = await settingsOf(choice.options, chosen.task);
  return await loadDefinition({ ...chosen, ...named, taskFile: null, cwd: choice.cwd });
}

/** The options with `prompt` as the question of `ask`. Throws VisionBatchError 2 for both of them. */
export function promptAsQuestion(
  options: Readonly<Record<string, unknown>>,
  { task, schema }: Pick<Choice, 'task' | 'schema'>,
): Readonly<Record<string, unknown>> {
  const { prompt, ...others } = options;
  if ((task ?? 'ask') !== 'ask' || schema !== undefined || prompt === undefined) return options;
  if (others.question !== undefined) throw usageError('Expected `prompt` or `question`, got both');
  return { ...others, question: prompt };
}

/** The options of a single question. Its words stand for themselves, so that `{{` in them is no template. */
export function questionOptions(
  options: Readonly<Record<string, unknown>>,
  choice: Pick<Choice, 'task' | 'schema'>,
): Readonly<Record<string, unknown>> {
  const { prompt, question, system, ...others } = promptAsQuestion(options, choice);
  return { ...others, prompt: literally(prompt), question: literally(question), system: literally(system) };
}

function literally(words: unknown): unknown {
  if (Array.isArray(words)) return words.map(literally);
  return typeof words === 'string' ? literal(words) : words;
}
