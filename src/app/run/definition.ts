import type { Given, Settings } from '../../../config/schema.js';
import { type Check, checkOfZod } from '../../../jobs/schema/validator.js';
import type { TaskName } from '../../core/ask.js';
import { EXIT, ExitError } from '../../core/exit.js';
import type { JsonSchema } from '../../core/json-schema.js';
import { type LoadedSchema, loadSchema } from '../definitions/load-schema.js';
import { loadTask, type OwnTask } from '../definitions/load-task.js';

/** What a batch is to do, as its settings and the files that they name say it. */
export interface Definition {
  readonly task: TaskName;
  /** The user's name of an own task, else the task's. */
  readonly taskName: string;
  /** What an own task's file says of prompt, system message, length and temperature is given here as if by flags. */
  readonly settings: Settings;
  readonly given: Given;
  /** What data is to be; null where the answer is none. */
  readonly schema: JsonSchema | null;
  /** Columns of a table that an own task names, in its order. */
  readonly columns: readonly string[] | null;
  /** The user's own zod type, which checks more than a schema can say; null where only the schema may be used. */
  readonly check: Check | null;
}

export interface DefinitionSource {
  readonly task: TaskName;
  /** The file of an own task. */
  readonly taskFile: string | null;
  readonly settings: Settings;
  readonly given: Given;
  /** An own task that a program has defined, in place of a file. */
  readonly ownTask?: OwnTask;
  /** A schema that a program has defined, in place of a file. */
  readonly schema?: LoadedSchema;
  /** Folder that file names are relative to. */
  readonly cwd: string;
}

/**
 * Reads the files that define a batch, before anything else is done.
 *
 * @throws ExitError 2 for a file that cannot be used, or whose checks would be lost on the way to other machines
 */
export async function loadDefinition(source: DefinitionSource): Promise<Definition> {
  const { cwd, task } = source;
  const columns = columnWords(source.settings);
  const given = { ...source.given, ...columns };
  const verify = task === 'ocr' ? source.settings.verify : null; // it reads pages again
  const settings = { ...source.settings, ...columns, verify };
  if (task === 'own') return ownDefinition(await ownTaskOf(source), { ...source, given, settings });
  const wanted = task === 'extract' ? settings.schema : null;
  const loaded = source.schema ?? (wanted === null ? null : await loadSchema(wanted, cwd));
  return { task, taskName: task, settings, given, columns: null, ...dataOf(loaded, settings) };
}

/** Words that stand in columns of a manifest, as they would be given with a template: `{{COLUMN}}`; labels are the row's. */
function columnWords(settings: Settings): Pick<Given, 'prompt' | 'questions' | 'labels'> {
  const { labelsColumn, promptColumn, questionColumns, questions } = settings;
  return {
    ...(labelsColumn === null ? {} : { labels: [] }),
    ...(promptColumn === null ? {} : { prompt: `{{${promptColumn}}}` }),
    ...(questionColumns.length === 0
      ? {}
      : { questions: [...questions, ...questionColumns.map((column) => `{{${column}}}`)] }),
  };
}

async function ownTaskOf({ cwd, ownTask, taskFile }: DefinitionSource): Promise<OwnTask> {
  if (ownTask !== undefined) return ownTask;
  if (taskFile === null) throw new TypeError('Expected `taskFile` to be the file of an own task, got null');
  return loadTask(taskFile, cwd);
}

function ownDefinition(own: OwnTask, { given, settings, task }: DefinitionSource): Definition {
  if (own.system !== null && settings.system !== null) {
    throw new ExitError(EXIT.usage, `Expected one system message, got that of task ${own.name} and --system.`);
  }
  refuseMarks(own);
  const words = {
    prompt: own.prompt,
    ...(own.system === null ? {} : { system: own.system }),
    ...(own.maxTokens === null || given.maxTokens !== undefined ? {} : { maxTokens: own.maxTokens }),
    ...(own.temperature === null || given.temperature !== undefined ? {} : { temperature: own.temperature }),
  };
  return {
    task,
    taskName: own.name,
    settings: { ...settings, ...words },
    given: { ...given, ...words },
    columns: own.columns,
    ...dataOf(own.schema, settings),
  };
}

/** As the settings refuse it: a server takes a literal `[img` for the place of an image. */
function refuseMarks({ name, prompt, system }: OwnTask): void {
  if (!`${prompt}${system ?? ''}`.includes('[img')) return;
  throw new ExitError(EXIT.usage, `Expected the words of task ${name} to be without "[img", got a text with it.`, {
    fix: 'A server would take it for the place of an image: write it otherwise.',
  });
}

/** Workers elsewhere have the JSON Schema alone: beside them nobody may check more, or rows would differ by machine. */
function dataOf(loaded: LoadedSchema | null, { redis }: Settings): Pick<Definition, 'schema' | 'check'> {
  if (loaded === null) return { schema: null, check: null };
  const { lost, schema, zod } = loaded;
  if (redis === null) return { schema, check: zod === null ? null : checkOfZod(zod) };
  if (lost.length === 0) return { schema, check: null };
  const lines = lost.map((one) => `  ${one}`).join('\n');
  throw new ExitError(EXIT.usage, `With --redis, workers hold answers to JSON Schema, which cannot say:\n${lines}`, {
    fix: 'Leave these checks out of the schema, or run without --redis.',
  });
}
