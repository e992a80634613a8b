import type { Given, Settings } from '../../../config/schema.js';
import { TASKS } from '../../../jobs/tasks/registry.js';
import type { Ask, AskOptions, PixelSettings } from '../../core/ask.js';
import { EXIT, ExitError } from '../../core/exit.js';
import type { ModelProfile } from '../../engines/profiles/profile.js';
import { refuseOtherRequest, type ToldProfile, toldProfile } from './ask-profiles.js';
import { type AskChoice, newWords, over, type PinnedAsk, wordsWith } from './ask-words.js';
import { NO_MODEL } from './complete-ask.js';
import type { Definition } from './definition.js';

/** Longest side of an image where neither the user nor the model's profile says one, in pixels. */
const MAX_SIDE = 2_000;
/** What shorter sides are padded up to where no profile says more, in pixels. */
const LEAST_SIDE = 64;

/**
 * The ask of a new run.
 *
 * @throws ExitError 2 where the engine cannot serve the task
 */
export function newAsk(choice: AskChoice, definition: Definition): Ask {
  const { engine, model, profile } = choice;
  const { settings, task, taskName } = definition;
  refuseEngine(choice, definition);
  const words = newWords(definition, profile);
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
      fixedSide: profile?.fixedSide ?? null,
      dpi: settings.dpi,
      ...(task === 'ocr' ? ofPages(settings) : NO_PAGES),
    },
    pdfText: task === 'ocr' ? settings.pdfText : 'ignore',
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

/** What is done to pages that are read, and to nothing else. */
type PagePixels = Pick<PixelSettings, 'blankCheck' | 'rotate' | 'deskew'>;

const NO_PAGES: PagePixels = { blankCheck: false, rotate: 'exif', deskew: false };

function ofPages({ blankCheck, deskew, pixels, rotate }: Settings): PagePixels {
  return { blankCheck: blankCheck && pixels === 'auto', rotate, deskew };
}

/**
 * The pinned ask with the values that the user now gives; what was not given stays as it was pinned, so that a new
 * version of the product never changes a run.
 *
 * @throws ExitError 2 where `--profiles` now puts the same question otherwise
 */
export function askWith(pinned: PinnedAsk, choice: AskChoice, definition: Definition): Ask {
  const { ask } = pinned;
  const { given, task, taskName } = definition;
  const { engine } = choice;
  const model = modelOf(ask, choice, given);
  const changes: Changes = { ...changedProfile(ask, { ...choice, model }, definition), given };
  const { isSameModel, profile, told } = changes;
  refuseOtherRequest(ask.profile, told);
  // With no model before, the words are taken anew.
  const before = told.ocrPrompt === undefined || task !== 'ocr' ? pinned : { ...pinned, ask: { ...ask, model: null } };
  const words = wordsWith(before, { ...choice, model }, definition);
  const keepsStop = words.prompt === ask.prompt && isSameModel && told.stop === undefined;
  return {
    ...ask,
    task,
    taskName,
    engine,
    model,
    profile: isSameModel ? ask.profile : (profile?.request ?? NO_MODEL),
    ...words,
    lang: given.lang ?? ask.lang,
    options: {
      ...over(ask.options, {
        temperature: given.temperature,
        maxTokens: given.maxTokens ?? (task === ask.task ? null : TASKS[task].defaultMaxTokens),
        seed: given.seed,
        extra: given.options,
      }),
      ...(keepsStop ? {} : { stop: stopOf(words.prompt, profile) }),
    },
    pixels: { ...pixelsWith(pinned, changes), ...(task === 'ocr' ? {} : NO_PAGES) },
    stitch: task === 'compare' && (given.stitch ?? ask.stitch),
    pdfText: task === 'ocr' ? (given.pdfText ?? ask.pdfText) : 'ignore',
  };
}

/** What a later start has of its own. */
interface Changes {
  readonly given: Given;
  readonly isSameModel: boolean;
  readonly profile: ModelProfile | null;
  /** Of the same model. */
  readonly told: ToldProfile;
}

function changedProfile(ask: Ask, choice: AskChoice, { settings }: Definition): Omit<Changes, 'given'> {
  const isSameModel = choice.engine === ask.engine && choice.model === ask.model;
  return { isSameModel, profile: choice.profile, told: isSameModel ? toldProfile(choice, settings.profiles) : {} };
}

function pixelsWith({ ask, given: before }: PinnedAsk, { given, isSameModel, profile, told }: Changes): PixelSettings {
  const { leastSide, multiple } = isSameModel ? told : paddingOf(profile);
  const fixedSide = fixedSideOf(ask.pixels, { isSameModel, profile, told });
  const bestSide = isSameModel ? told.bestSide : (profile?.bestSide ?? MAX_SIDE);
  const changed = over(ask.pixels, {
    mode: given.pixels,
    maxSide: given.maxSide ?? (isSameModel && before.maxSide !== undefined ? null : (before.maxSide ?? bestSide)),
    maxPixels: given.maxPixels,
    leastSide,
    multiple,
    dpi: given.dpi,
    blankCheck: given.blankCheck ?? (given.pixels === 'as-is' ? false : null),
    rotate: given.rotate,
    deskew: given.deskew,
  });
  return { ...changed, fixedSide };
}

function fixedSideOf(
  before: PixelSettings,
  { isSameModel, profile, told }: Omit<Changes, 'given'>,
): PixelSettings['fixedSide'] {
  if (!isSameModel) return profile?.fixedSide ?? null;
  return told.fixedSide === undefined ? before.fixedSide : told.fixedSide;
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
