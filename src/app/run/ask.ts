import type { Given } from '../../../config/schema.js';
import { TASKS } from '../../../jobs/tasks/registry.js';
import type { QuestionChoice } from '../../../jobs/tasks/task.js';
import type { Ask, AskOptions, EngineName, PixelSettings } from '../../core/ask.js';
import { canonicalJson } from '../../core/canonical-json.js';
import { EXIT, ExitError } from '../../core/exit.js';
import type { ModelProfile } from '../../engines/profiles/profile.js';
import { NO_MODEL } from './complete-ask.js';
import type { Definition } from './definition.js';

/** Longest side of an image where neither the user nor the model's profile says one, in pixels. */
const MAX_SIDE = 2_000;
/** What shorter sides are padded up to where no profile says more, in pixels. */
const LEAST_SIDE = 64;

/** Who is asked. */
export interface AskChoice {
  readonly engine: EngineName;
  /** Null where the engine has no models. */
  readonly model: string | null;
  /** Of the model; null where there is none. */
  readonly profile: ModelProfile | null;
}

/**
 * The ask of a new run.
 *
 * @throws ExitError 2 where the engine cannot serve the task
 */
export function newAsk(choice: AskChoice, definition: Definition): Ask {
  const { engine, model, profile } = choice;
  const { given, settings, task, taskName } = definition;
  refuseEngine(choice, definition);
  const words = TASKS[task].question({
    userSystem: settings.system,
    userPrompt: settings.prompt,
    fixedOcrPrompt: profile?.ocrPrompt ?? null,
    format: settings.format,
    lang: given.lang ?? null,
    style: settings.style,
    questions: settings.questions,
    labels: settings.labels,
    multi: settings.multi,
    stitch: settings.stitch,
    schema: definition.schema,
    columns: definition.columns,
  });
  return {
    task,
    taskName,
    engine,
    model,
    profile: profile?.request ?? NO_MODEL,
    ...words,
    lang: settings.lang,
    options: {
      temperature: settings.temperature,
      maxTokens: settings.maxTokens ?? TASKS[task].defaultMaxTokens,
      seed: settings.seed,
      repeatPenalty: null,
      stop: stopOf(words.prompt, profile),
      extra: settings.options,
    },
    pixels: {
      mode: settings.pixels,
      maxSide: settings.maxSide ?? profile?.bestSide ?? MAX_SIDE,
      maxPixels: settings.maxPixels,
      ...paddingOf(profile),
    },
    stitch: task === 'compare' && settings.stitch,
  };
}

function refuseEngine({ engine }: AskChoice, { task, taskName }: Definition): void {
  if (TASKS[task].engines.includes(engine)) return;
  throw new ExitError(EXIT.usage, `The built-in CPU OCR reads text; it cannot ${taskName}.`, {
    fix: 'Name an Ollama server that has a vision model: --host http://127.0.0.1:11434 --model gemma3',
  });
}

/** Texts that end the answer to a model's own prompt; after other words they may be part of it. */
function stopOf(prompt: string, profile: ModelProfile | null): AskOptions['stop'] {
  return profile !== null && prompt === profile.ocrPrompt ? profile.stop : [];
}

function paddingOf(profile: ModelProfile | null): Pick<PixelSettings, 'leastSide' | 'multiple'> {
  return { leastSide: profile?.leastSide ?? LEAST_SIDE, multiple: profile?.multiple ?? 1 };
}

/** An ask as it was pinned, with the ask settings that the user had given then. */
export interface PinnedAsk {
  readonly ask: Ask;
  readonly given: Given;
}

/**
 * The pinned ask with the values that the user now gives; what was not given stays as it was pinned, so that a new
 * version of the product never changes a run.
 */
export function askWith(pinned: PinnedAsk, choice: AskChoice, definition: Definition): Ask {
  const { ask, given: before } = pinned;
  const { given, task, taskName } = definition;
  const { engine } = choice;
  const model = modelOf(ask, choice, given);
  const isSameModel = engine === ask.engine && model === ask.model;
  const { profile } = choice;
  const words = wordsWith(pinned, { ...choice, model }, definition);
  return {
    ...ask,
    task,
    taskName,
    engine,
    model,
    ...(isSameModel ? {} : { profile: profile?.request ?? NO_MODEL }),
    ...words,
    lang: given.lang ?? ask.lang,
    options: {
      ...over(ask.options, {
        temperature: given.temperature,
        maxTokens: given.maxTokens ?? (task === ask.task ? null : TASKS[task].defaultMaxTokens),
        seed: given.seed,
        extra: given.options,
      }),
      ...(words.prompt === ask.prompt && isSameModel ? {} : { stop: stopOf(words.prompt, profile) }),
    },
    pixels: {
      ...over(ask.pixels, {
        mode: given.pixels,
        maxSide: given.maxSide ?? (isSameModel ? null : (before.maxSide ?? profile?.bestSide ?? MAX_SIDE)),
        maxPixels: given.maxPixels,
      }),
      ...(isSameModel ? {} : paddingOf(profile)),
    },
    stitch: task === 'compare' && (given.stitch ?? ask.stitch),
  };
}

function modelOf(pinned: Ask, { engine, model }: AskChoice, given: Given): string | null {
  if (engine === 'cpu-ocr') return null;
  const now = given.model ?? (engine === pinned.engine ? pinned.model : model);
  return now !== null && pinned.model !== null && bare(now) === bare(pinned.model) ? pinned.model : now;
}

/** A model's name as it is compared: in any case, and with or without the tag that is taken where none is named. */
function bare(model: string): string {
  return model.toLowerCase().replace(/:latest$/, '');
}

/** The values with those changes that are given. */
function over<T extends object>(values: T, changes: { readonly [K in keyof T]?: T[K] | null | undefined }): T {
  const given = Object.entries(changes).filter(([, value]) => value !== undefined && value !== null);
  return { ...values, ...Object.fromEntries(given) };
}

/** The pinned words, or others where something that decides them has changed. */
function wordsWith(
  pinned: PinnedAsk,
  choice: AskChoice,
  definition: Definition,
): Pick<Ask, 'system' | 'prompt' | 'form'> {
  const { ask, given: before } = pinned;
  const { given, task } = definition;
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
    schema: definition.schema,
    columns: definition.columns,
  };
  const who = { task, engine: choice.engine, model: choice.model };
  const isSame =
    canonicalJson({ ...now, ...who }) ===
    canonicalJson({ ...then, task: ask.task, engine: ask.engine, model: ask.model });
  if (isSame) return { system: ask.system, prompt: ask.prompt, form: ask.form };
  const lang = given.lang ?? before.lang ?? null; // a model is told of languages that were named, not of a default
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
    multi: form.kind === 'labels' && form.multi,
    stitch: ask.stitch,
    schema: form.kind === 'data' ? form.schema : null,
    columns: form.kind === 'data' ? form.columns : null,
  };
}
