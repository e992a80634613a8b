import { withResources } from '../resources.js';
import type { AskImageOptions, AskImageResult } from './ask-image-options.js';
import { toVisionBatchError } from './errors.js';

/**
 * Asks a model about one or more images. The answer is guarded, checked and asked for again as in a run; an answer that
 * is still no good, and an image that cannot be read, throw nothing: `status` says so.
 *
 * Calls beside each other know nothing of one another and share no slots: each sends its request at once. For many images
 * use {@link runBatch}.
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
    const { askNow } = await import('./ask-now.js'); // what a question takes is loaded when there is one
    return await withResources((resources) => askNow(options, signal, resources));
  } catch (error) {
    signal.throwIfAborted();
    throw toVisionBatchError(error);
  }
}
