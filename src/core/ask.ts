import type { FailureCode } from './errors.js';

export const TASK_NAMES = ['ocr', 'caption'] as const;
export type TaskName = (typeof TASK_NAMES)[number];

export const ENGINE_NAMES = ['ollama', 'cpu-ocr'] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];

/** Sampling options that change an answer. `num_ctx` is no part of the ask: it changes where, not what, is asked. */
export interface AskOptions {
  readonly temperature: number;
  readonly maxTokens: number;
  readonly seed: number | null;
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
}

/** What exactly is asked of every item. Its fingerprint decides whether a record still answers it. */
export interface Ask {
  readonly task: TaskName;
  readonly engine: EngineName;
  /** Null where the engine has no models. */
  readonly model: string | null;
  readonly system: string | null;
  readonly prompt: string;
  /** Languages as Tesseract names them, `deu+fra`. */
  readonly lang: string;
  /** JSON Schema that constrains the answer, or null. */
  readonly schema: Readonly<Record<string, unknown>> | null;
  readonly options: AskOptions;
  readonly pixels: PixelSettings;
}

/** An image as it is sent. */
export interface ModelImage {
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** One question to a model, in no engine's words. */
export interface ModelRequest {
  readonly model: string | null;
  readonly system: string | null;
  readonly prompt: string;
  readonly images: readonly ModelImage[];
  /** What the model was trained on: the picture before the words, or after them. */
  readonly imagePlacement: 'before' | 'after';
  readonly lang: string;
  readonly schema: Readonly<Record<string, unknown>> | null;
  readonly options: AskOptions;
  /** The context length every request of the run uses, in tokens. */
  readonly numCtx: number;
}

/** How an answer ended and what it cost. */
export interface ModelAnswer {
  readonly text: string;
  /**
   * `complete`: the model ended its answer. `length`: it ran into a limit. `cut`: the server ended the answer without
   * saying why, which is never a complete one.
   */
  readonly end: 'complete' | 'length' | 'cut';
  readonly tokens: { readonly prompt: number | null; readonly output: number | null };
  /** Milliseconds as the engine reports them; null where it does not. */
  readonly timingMs: { readonly load: number | null; readonly prompt: number | null; readonly generate: number | null };
  /** Mean token probability, 0…1, where the engine gives one. */
  readonly confidence: number | null;
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
}
