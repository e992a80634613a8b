import type { ChatMessage } from './history.js';
import type { Image } from './image.js';
import type { AskOptions, HostEntry } from './options.js';
import type { RecordOf } from './record.js';
import type { BuiltInTask, Schema, Task } from './task.js';

/** What {@link askImage} is to ask, of whom. */
export interface AskImageOptions<T> extends AskOptions {
  /** What it is about; several are shown in one request, in order. May be left out where `history` holds them. */
  readonly images?: Image | readonly Image[];
  /** Of a PDF or TIFF, given as the only image, the page that is asked about, from 1. @defaultValue 1 */
  readonly pages?: number | `${number}`;
  /**
   * What is asked, where it is no question of your own: `ocr`, `caption`, … or a task that {@link defineTask} made.
   *
   * @defaultValue `extract` with a `schema`, else `ask`
   */
  readonly task?: BuiltInTask | Task<T>;
  /** What the answer is to be: `data` is a value of this zod type. */
  readonly schema?: Schema<T>;
  /** The host, an Ollama server's URL, or `cpu` for the built-in OCR. @defaultValue `http://127.0.0.1:11434` */
  readonly host?: string | HostEntry;
  /** The conversation so far, as an earlier result has it. Its images need not be given again. */
  readonly history?: readonly ChatMessage[];
  /** Ends the call: the connection is closed, and its reason is thrown. */
  readonly signal?: AbortSignal;
}

type Told<R> = R extends { readonly status: unknown }
  ? Pick<R, Extract<keyof R, 'status' | 'text' | 'data' | 'label' | 'answers' | 'warnings' | 'error'>> & {
      /** Everything that is known of the answer, as a run's output has it. */
      readonly record: R;
      /** The conversation with this answer, for the next question. A question that was not answered is not in it. */
      readonly history: readonly ChatMessage[];
    }
  : never;

/**
 * What came of a question. `data` is a value of the schema where `status` is `ok`; on every other status but `blank`,
 * `error` says why the answer is no good, and `text` keeps what there is of it.
 */
export type AskImageResult<T> = Told<RecordOf<T>>;
