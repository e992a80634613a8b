import { SILENT } from '../../core/telling.js';
import { createHosts } from '../hosts.js';
import { type Resources, withResources } from '../resources.js';
import { definitionOf, questionOptions } from './choice.js';
import { toVisionBatchError, usageError } from './errors.js';
import { type ChatMessage, continued, talkOf } from './history.js';
import type { Image } from './image.js';
import { askOnce } from './one-ask.js';
import { openSources } from './one-source.js';
import type { AskOptions } from './options.js';
import { type RecordOf, typedRecord } from './record.js';
import type { BuiltInTask, Schema, Task } from './task.js';

/** What {@link askImage} is to ask, of whom. */
export interface AskImageOptions<T> extends AskOptions {
  /** What it is about; several are shown in one request, in order. May be left out where `history` holds them. */
  readonly images?: Image | readonly Image[];
  /**
   * What is asked, where it is no question of your own: `ocr`, `caption`, … or a task that {@link defineTask} made.
   *
   * @defaultValue `extract` with a `schema`, else `ask`
   */
  readonly task?: BuiltInTask | Task<T>;
  /** What the answer is to be: `data` is a value of this zod type. */
  readonly schema?: Schema<T>;
  /** The host, an Ollama server's URL, or `cpu` for the built-in OCR. @defaultValue `http://127.0.0.1:11434` */
  readonly host?: string;
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

/**
 * Asks a model about one or more images. The answer is guarded, checked and asked for again as in a run; an answer that
 * is still no good, and an image that cannot be read, throw nothing: `status` says so.
 *
 * @throws VisionBatchError 2 for options that cannot be meant, 3 where the host or the model is not there
 * @throws the signal's reason where it fires
 * @example
 * ```ts
 * const { text } = await askImage({ images: 'photo.jpg', prompt: 'What is in this photo?', model: 'gemma3' });
 *
 * const result = await askImage({
 *   images: await readFile('receipt.jpg'),
 *   prompt: 'Read this receipt.',
 *   schema: z.object({ vendor: z.string(), total: z.number() }),
 *   model: 'qwen2.5vl',
 * });
 * if (result.status === 'ok') console.log(result.data.total);
 *
 * const more = await askImage({ history: result.history, prompt: 'Was it paid in cash?', model: 'qwen2.5vl' });
 * ```
 */
export async function askImage<T = null>(options: AskImageOptions<T>): Promise<AskImageResult<T>> {
  const { signal = new AbortController().signal } = options;
  signal.throwIfAborted();
  try {
    return await withResources((resources) => asked(options, signal, resources));
  } catch (error) {
    signal.throwIfAborted();
    throw toVisionBatchError(error);
  }
}

async function asked<T>(
  options: AskImageOptions<T>,
  signal: AbortSignal,
  resources: Resources,
): Promise<AskImageResult<T>> {
  const { history = [], images = [], schema, signal: _, task, ...settings } = options;
  const cwd = process.cwd();
  const talk = talkOf(history, [images].flat());
  const definition = await definitionOf({ task, schema, options: questionOptions(settings, { task, schema }), cwd });
  const { allowPrivateUrls } = definition.settings;
  const [host] = createHosts(definition.settings, SILENT, resources);
  if (host === undefined) throw usageError('Expected `host` to be an Ollama server or cpu, got none');
  const sources = openSources(talk.images, { cwd, allowPrivateUrls, signal }, resources);
  const answered = await askOnce({ definition, host, history: talk.turns, sources, signal, cwd }, resources);
  const [source = '', ...others] = sources.names;
  const record = { ...answered.record, source: others.length === 0 ? source : [source, ...others] };
  return resultOf(typedRecord<T>(record), continued(talk, answered));
}

function resultOf<T>(record: RecordOf<T>, history: readonly ChatMessage[]): AskImageResult<T> {
  const { answers, data, error, label, status, text, warnings } = record;
  return { status, text, data, label, answers, warnings, error, record, history } as AskImageResult<T>; // members of one record
}
