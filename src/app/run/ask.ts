import type { Given, Settings } from '../../../config/schema.js';
import { TASKS } from '../../../jobs/tasks/registry.js';
import type { Ask, EngineName, TaskName } from '../../core/ask.js';
import { EXIT, ExitError } from '../../core/exit.js';
import { profileFor } from '../../engines/profiles/profile.js';

export interface AskChoice {
  readonly task: TaskName;
  readonly engine: EngineName;
  /** Null where the engine has no models. */
  readonly model: string | null;
}

/**
 * The ask of a new run.
 *
 * @throws ExitError 2 where the engine cannot serve the task
 */
export function newAsk({ task, engine, model }: AskChoice, settings: Settings): Ask {
  const definition = TASKS[task];
  if (!definition.engines.includes(engine)) {
    throw new ExitError(EXIT.usage, `The built-in CPU OCR reads text; it cannot ${task}.`, {
      fix: `Name an Ollama server that has a vision model: --host http://127.0.0.1:11434 --model gemma3`,
    });
  }
  const fixedOcrPrompt = model === null ? null : profileFor(model).ocrPrompt;
  const words = definition.prompts({ userSystem: settings.system, userPrompt: settings.prompt, fixedOcrPrompt });
  return {
    task,
    engine,
    model,
    system: words.system,
    prompt: words.prompt,
    lang: settings.lang,
    schema: null,
    options: {
      temperature: settings.temperature,
      maxTokens: settings.maxTokens ?? definition.defaultMaxTokens,
      seed: settings.seed,
      extra: settings.options,
    },
    pixels: { mode: settings.pixels, maxSide: settings.maxSide, maxPixels: settings.maxPixels },
  };
}

/** One way in which what the user now asks differs from what the run began with. */
export interface AskDifference {
  /** As the user knows it, such as `--model`. */
  readonly name: string;
  readonly before: string;
  readonly now: string;
}

/**
 * The pinned ask with the values that the user now gives; what was not given stays as it was pinned, so that a new
 * version of the product never changes a run.
 *
 * @param givenBefore - ask settings given when the ask was pinned
 */
export function askWith(pinned: Ask, choice: AskChoice, given: Given, givenBefore: Given): Ask {
  const { task, engine } = choice;
  const model = modelOf(pinned, choice, given);
  const same = task === pinned.task && engine === pinned.engine && model === pinned.model;
  const words = same ? {} : retold(task, model, givenBefore);
  const maxTokens = task === pinned.task ? undefined : TASKS[task].defaultMaxTokens;
  return {
    ...over({ ...pinned, ...words }, { system: given.system, prompt: given.prompt, lang: given.lang }),
    task,
    engine,
    model,
    options: over(pinned.options, {
      temperature: given.temperature,
      maxTokens: given.maxTokens ?? maxTokens,
      seed: given.seed,
      extra: given.options,
    }),
    pixels: over(pinned.pixels, { mode: given.pixels, maxSide: given.maxSide, maxPixels: given.maxPixels }),
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

/** The words for another model or task, where the user had not given their own. */
function retold(task: TaskName, model: string | null, givenBefore: Given): Pick<Ask, 'system' | 'prompt'> {
  const fixedOcrPrompt = model === null ? null : profileFor(model).ocrPrompt;
  const userSystem = givenBefore.system ?? null;
  const userPrompt = givenBefore.prompt ?? null;
  return TASKS[task].prompts({ userSystem, userPrompt, fixedOcrPrompt });
}

/** Every difference between two asks, by the names that users know. */
export function askDifferences(before: Ask, now: Ask): readonly AskDifference[] {
  const values = (ask: Ask): Readonly<Record<string, unknown>> => ({
    task: ask.task,
    '--host': ask.engine,
    '--model': ask.model,
    '--system': ask.system,
    '--prompt': ask.prompt,
    '--lang': ask.lang,
    '--temperature': ask.options.temperature,
    '--max-tokens': ask.options.maxTokens,
    '--seed': ask.options.seed,
    '--option': ask.options.extra,
    '--pixels': ask.pixels.mode,
    '--max-side': ask.pixels.maxSide,
    '--max-pixels': ask.pixels.maxPixels,
  });
  const then = values(before);
  return Object.entries(values(now)).flatMap(([name, value]) => {
    const [was, is] = [JSON.stringify(then[name]), JSON.stringify(value)];
    return was === is ? [] : [{ name, before: was, now: is }];
  });
}
