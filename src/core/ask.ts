import type { Change } from './changes.js';
import type { FailureCode } from './errors.js';
import type { JsonSchema } from './json-schema.js';
import type { RequestProfile } from './model-profile.js';

/** `own` is whatever a user's task file says. */
export const TASK_NAMES = ['ocr', 'caption', 'ask', 'compare', 'classify', 'extract', 'own'] as const;
export type TaskName = (typeof TASK_NAMES)[number];

/** What a run can be asked of. */
export const ENGINE_NAMES = ['ollama', 'cpu-ocr'] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];

/** What an answer can be from: a run's engine, or the text layer that a PDF page has itself. */
export const ANSWERED_BY = [...ENGINE_NAMES, 'pdf-text'] as const;
export type AnsweredBy = (typeof ANSWERED_BY)[number];

/** How the text of a page is to be written. */
export const PAGE_FORMATS = ['text', 'markdown', 'lines'] as const;
export type PageFormat = (typeof PAGE_FORMATS)[number];

/** What an answer is to be, and so how it is read and where in the record it goes. */
export type AnswerForm =
  /** Free words: `text`. */
  | { readonly kind: 'text' }
  /** The text of a page: `text`, or `blank`. */
  | { readonly kind: 'page'; readonly format: PageFormat }
  /** One conversation, every question with the answers before it: `answers`. The first question is the ask's prompt. */
  | { readonly kind: 'answers'; readonly questions: readonly string[] }
  /** One of the labels, or with `multi` any of them: `label`. */
  | {
      readonly kind: 'labels';
      /** None where every row lists its own. */
      readonly labels: readonly string[];
      readonly multi: boolean;
      /** The column in which every row lists its own. */
      readonly labelsFrom?: string;
    }
  /** A value of this schema: `data`. */
  | {
      readonly kind: 'data';
      readonly schema: JsonSchema;
      /** The columns of a table and their order, where the user's task says them. */
      readonly columns: readonly string[] | null;
    };

/** Sampling options that change an answer. `num_ctx` is no part of the ask: it changes where, not what, is asked. */
export interface AskOptions {
  readonly temperature: number;
  readonly maxTokens: number;
  readonly seed: number | null;
  /** Above 1 it discourages words that were used; null leaves it to the model. */
  readonly repeatPenalty: number | null;
  /** Texts that end an answer where they appear. */
  readonly stop: readonly string[];
  /** Further options by the server's own names, such as `top_k`. */
  readonly extra: Readonly<Record<string, string | number | boolean>>;
}

/** How an image becomes what the model sees. */
export interface PixelSettings {
  /** `as-is` sends the file's bytes untouched, after a completeness check. */
  readonly mode: 'auto' | 'as-is';
  /** Longest side in pixels after sizing. */
  readonly maxSide: number;
  /** Width × height after sizing. */
  readonly maxPixels: number;
  /** Shorter sides are padded up to this. */
  readonly leastSide: number;
  /** Sides are padded up to a multiple of this; 1 is any. */
  readonly multiple: number;
  /** Dots per inch at which pages without pixels of their own (PDF) are drawn at most. */
  readonly dpi: number;
  /** Whether a page without ink is `blank` without a model being asked (ocr). */
  readonly blankCheck: boolean;
  /** Side in pixels to which the model scales whatever it is sent; pages too dense for that are cut. Null: none. */
  readonly fixedSide: number | null;
  /** `auto` turns a page whose writing lies on its side or head, as EXIF does not say it (ocr). */
  readonly rotate: 'exif' | 'auto';
  /** Whether a page that was scanned askew is straightened (ocr). */
  readonly deskew: boolean;
}

/** What exactly is asked of every item. Its fingerprint decides whether a record still answers it. */
export interface Ask {
  readonly task: TaskName;
  /** The user's name of an own task, else the task's. */
  readonly taskName: string;
  readonly engine: EngineName;
  /** Null where the engine has no models. */
  readonly model: string | null;
  readonly profile: RequestProfile;
  readonly system: string | null;
  /** The first question. `{{name}}` stands for an item's column or file fact. */
  readonly prompt: string;
  readonly form: AnswerForm;
  /** Languages as Tesseract names them, `deu+fra`. */
  readonly lang: string;
  readonly options: AskOptions;
  readonly pixels: PixelSettings;
  /** The images of a group are laid side by side on one canvas. */
  readonly stitch: boolean;
  /** `prefer`: a PDF page that has its text in it is answered by that. */
  readonly pdfText: 'ignore' | 'prefer';
}

/** An image as it is sent. */
export interface ModelImage {
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** Of a part of a page: which share of its height, 0…1, the part above it shows too. */
  readonly shared?: number;
}

/** One message of a conversation. */
export interface ChatTurn {
  readonly role: 'user' | 'assistant';
  readonly text: string;
}

/** One question to a model, in no engine's words. */
export interface ModelRequest {
  readonly model: string | null;
  readonly profile: RequestProfile;
  readonly system: string | null;
  /** The whole conversation, the question last: the server keeps no state. */
  readonly messages: readonly ChatTurn[];
  /** They belong to the first user message. Several are announced as `Image 1:`, `Image 2:`, … each before its own. */
  readonly images: readonly ModelImage[];
  readonly lang: string;
  readonly schema: JsonSchema | null;
  readonly options: AskOptions;
  /** The context length every request of the run uses, in tokens. */
  readonly numCtx: number;
  /** Whether token probabilities are wanted. */
  readonly wantsConfidence: boolean;
}

/** How sure a model was of its words: token probabilities, 0…1. */
export interface Confidence {
  readonly mean: number;
  /** The least sure words, and the mean over them. */
  readonly weakest: { readonly text: string; readonly probability: number };
}

/** How an answer ended and what it cost. */
export interface ModelAnswer {
  readonly text: string;
  /**
   * `complete`: the model ended its answer. `length`: it ran into a limit. `cut`: the server ended the answer without
   * saying why, which is never a complete one. `looped`: it ran into a limit or was cut while it repeated itself.
   */
  readonly end: 'complete' | 'length' | 'cut' | 'looped';
  readonly tokens: { readonly prompt: number | null; readonly output: number | null };
  /** Milliseconds as the engine reports them; null where it does not. */
  readonly timingMs: { readonly load: number | null; readonly prompt: number | null; readonly generate: number | null };
  /** Null where the engine gives no probabilities. */
  readonly confidence: Confidence | null;
  /** The engine looked at the whole image and found nothing to read: its empty text is an answer. A model's never is. */
  readonly blank?: true;
}

/** One try at an item, as `show` prints it. */
export interface Attempt {
  readonly host: string;
  /** Null for the attempt that succeeded. */
  readonly code: FailureCode | null;
  readonly message: string | null;
  readonly ms: number;
  /** What was changed for this try; null where the ask was asked as it stands. */
  readonly change: Change | null;
}
