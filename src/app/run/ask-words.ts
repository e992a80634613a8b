import type { Given } from '../../../config/schema.js';
import { TASKS } from '../../../jobs/tasks/registry.js';
import type { QuestionChoice } from '../../../jobs/tasks/task.js';
import type { Ask, EngineName } from '../../core/ask.js';
import { canonicalJson } from '../../core/canonical-json.js';
import type { ModelProfile } from '../../engines/profiles/profile.js';
import type { Definition } from './definition.js';

/** Who is asked. */
export interface AskChoice {
  readonly engine: EngineName;
  /** Null where the engine has no models. */
  readonly model: string | null;
  /** Of the model; null where there is none. */
  readonly profile: ModelProfile | null;
}

/** An ask as it was pinned, with the ask settings that the user had given then. */
export interface PinnedAsk {
  readonly ask: Ask;
  readonly given: Given;
}

/** What decides how an ask reads and how it is answered. */
type Words = Pick<Ask, 'system' | 'prompt' | 'form'>;

/** The words of a new run. */
export function newWords({ columns, given, schema, settings, task }: Definition, profile: ModelProfile | null): Words {
  return TASKS[task].question({
    userSystem: settings.system,
    userPrompt: settings.prompt,
    fixedOcrPrompt: profile?.ocrPrompt ?? null,
    format: settings.format,
    lang: given.lang ?? null, // a model is told of languages that were named, not of a default
    style: settings.style,
    questions: settings.questions,
    labels: settings.labels,
    labelsFrom: settings.labelsColumn,
    multi: settings.multi,
    stitch: settings.stitch,
    schema,
    columns,
  });
}

/** The pinned words, or others where something that decides them has changed. */
export function wordsWith(pinned: PinnedAsk, choice: AskChoice, definition: Definition): Words {
  const { ask, given: before } = pinned;
  const { given, settings, task } = definition;
  const then = choiceThen(pinned);
  const now: WordsChoice = {
    ...over(then, {
      userSystem: given.system,
      userPrompt: given.prompt,
      lang: given.lang,
      format: given.format,
      style: given.style,
      questions: given.questions,
      labels: given.labels,
      multi: given.multi,
      stitch: given.stitch,
    }),
    ...(given.labels === undefined ? {} : { labelsFrom: settings.labelsColumn }),
    schema: definition.schema,
    columns: definition.columns,
  };
  const who = { task, engine: choice.engine, model: choice.model };
  const isSame =
    canonicalJson({ ...now, ...who }) ===
    canonicalJson({ ...then, task: ask.task, engine: ask.engine, model: ask.model });
  if (isSame) return { system: ask.system, prompt: ask.prompt, form: ask.form };
  const lang = given.lang ?? before.lang ?? null;
  return TASKS[task].question({ ...now, lang, fixedOcrPrompt: choice.profile?.ocrPrompt ?? null });
}

/** What decides the words of an ask, beside its model. */
type WordsChoice = Omit<QuestionChoice, 'fixedOcrPrompt'>;

/** What decided the words of a pinned ask. */
function choiceThen({ ask, given }: PinnedAsk): WordsChoice {
  const { form } = ask;
  const alone = ask.task === 'ask' ? [ask.prompt] : [];
  return {
    userSystem: given.system ?? null,
    userPrompt: given.prompt ?? null,
    lang: ask.lang,
    format: form.kind === 'page' ? form.format : (given.format ?? 'text'),
    style: given.style ?? 'short',
    questions: form.kind === 'answers' ? form.questions : alone,
    labels: form.kind === 'labels' ? form.labels : [],
    labelsFrom: form.kind === 'labels' ? (form.labelsFrom ?? null) : null,
    multi: form.kind === 'labels' && form.multi,
    stitch: ask.stitch,
    schema: form.kind === 'data' ? form.schema : null,
    columns: form.kind === 'data' ? form.columns : null,
  };
}

/** The values with those changes that are given. */
export function over<T extends object>(values: T, changes: { readonly [K in keyof T]?: T[K] | null | undefined }): T {
  const given = Object.entries(changes).filter(([, value]) => value !== undefined && value !== null);
  return { ...values, ...Object.fromEntries(given) };
}
