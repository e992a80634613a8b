import type { ModelAnswer, ModelRequest } from '../../core/ask.js';
import { VisionError } from '../../core/errors.js';
import type { Delta } from '../engine.js';
import { profileFor } from '../profiles/profile.js';
import { streamError } from './errors.js';
import type { ChatRequest, ChatResponse } from './transport.js';

type StreamedChat = ChatRequest & { readonly stream: true };
type ChatMessage = NonNullable<ChatRequest['messages']>[number];

/** Options that change how the model is loaded: sent with a request, they make the server load it again each time. */
const LOAD_OPTIONS: ReadonlySet<string> = new Set([
  'num_ctx',
  'num_batch',
  'num_gpu',
  'main_gpu',
  'use_mmap',
  'num_thread',
  'draft_num_predict',
]);

/** Ollama-js says this where a stream ends without a last chunk, as the server's own repeat guard ends one. */
const NO_LAST_CHUNK = 'Did not receive done or success response in stream.';

/**
 * A question in the words of `POST /api/chat`, made anew for every attempt because ollama-js changes what it is given.
 * It never holds keep_alive, which can wedge the server's scheduler, nor any option that loads the model again.
 * Throws ASK_REFUSED for such an option.
 *
 * @param thinks - the model has the capability `thinking`, and thinks unless told not to
 */
export function chatRequest(request: ModelRequest, thinks: boolean): StreamedChat {
  const { options } = request;
  const loadOption = Object.keys(options.extra).find((name) => LOAD_OPTIONS.has(name));
  if (loadOption !== undefined) {
    throw new VisionError('ASK_REFUSED', `The option ${loadOption} would load the model again for every request.`, {
      fix: loadOption === 'num_ctx' ? 'Use --num-ctx.' : 'Set it on the server or in the Modelfile.',
    });
  }
  return {
    model: request.model ?? '',
    messages: messagesOf(request),
    stream: true,
    ...(thinks ? { think: false } : {}),
    ...(request.schema === null ? {} : { format: request.schema }),
    options: {
      ...options.extra,
      temperature: options.temperature,
      num_predict: options.maxTokens,
      num_ctx: request.numCtx,
      ...(options.seed === null ? {} : { seed: options.seed }),
    },
  };
}

function messagesOf(request: ModelRequest): ChatMessage[] {
  const prompt = plain(request.prompt);
  const { rendered } = profileFor(request.model ?? '');
  const user: ChatMessage = {
    role: 'user',
    // Without a marker the server puts the picture first; elsewhere than on rendered models a marker stays as text.
    content: request.imagePlacement === 'after' && rendered ? prompt + ' [img]'.repeat(request.images.length) : prompt,
    ...(request.images.length === 0 ? {} : { images: request.images.map((image) => image.bytes) }),
  };
  return request.system === null ? [user] : [{ role: 'system', content: plain(request.system) }, user];
}

/** A user's own `[img` would be taken for the place of a picture. */
function plain(text: string): string {
  return text.replaceAll('[img', '[ img');
}

/** A streamed chat under way. */
export interface ReadAnswerOptions {
  /** Named in failures. */
  readonly host: string;
  /** What ollama-js yields. */
  readonly chunks: AsyncIterable<ChatResponse>;
  /** The one that the call was opened with. */
  readonly signal: AbortSignal;
}

/**
 * The deltas of a streamed chat, last of all the answer. A stream that just ends, or ends for a reason that is no end
 * of an answer, is `cut`. Throws a VisionError with the text so far where the stream holds an error or breaks, and the
 * signal's reason where that fired.
 */
export async function* readAnswer(options: ReadAnswerOptions): AsyncGenerator<Delta> {
  const { host, chunks, signal } = options;
  let text = '';
  try {
    for await (const chunk of chunks) {
      const piece = contentOf(host, chunk);
      text += piece;
      yield { text: piece };
      if (chunk.done) {
        yield { answer: answerOf(text, chunk) };
        return;
      }
    }
  } catch (thrown) {
    if (signal.aborted) throw signal.reason;
    if (!(thrown instanceof Error) || thrown.message !== NO_LAST_CHUNK) throw streamError(host, thrown, text);
  }
  yield { answer: answerOf(text, null) };
}

function contentOf(host: string, chunk: Partial<ChatResponse>): string {
  const content = chunk.message?.content;
  if (typeof content === 'string') return content;
  throw new VisionError('HOST_REFUSED', `${host} answered with something that is no chat answer.`, {
    fix: 'Check that the URL is that of an Ollama server.',
  });
}

function answerOf(text: string, last: Partial<ChatResponse> | null): ModelAnswer {
  return {
    text,
    end: endOf(last?.done_reason),
    tokens: { prompt: last?.prompt_eval_count ?? null, output: last?.eval_count ?? null },
    timingMs: {
      load: milliseconds(last?.load_duration),
      prompt: milliseconds(last?.prompt_eval_duration),
      generate: milliseconds(last?.eval_duration),
    },
    confidence: null,
  };
}

function endOf(doneReason: string | undefined): ModelAnswer['end'] {
  if (doneReason === 'stop') return 'complete';
  return doneReason === 'length' ? 'length' : 'cut';
}

/** The server counts in nanoseconds, and leaves a zero out. */
function milliseconds(nanoseconds: number | undefined): number | null {
  return nanoseconds === undefined ? null : nanoseconds / 1e6;
}
