import type { ModelAnswer, ModelRequest } from '../../core/ask.js';
import { VisionError } from '../../core/errors.js';
import type { JsonSchema } from '../../core/json-schema.js';
import type { Delta } from '../engine.js';
import { ConfidenceMeter } from './confidence.js';
import { streamError } from './errors.js';
import { messagesOf } from './messages.js';
import type { ChatRequest, ChatResponse } from './transport.js';

/** Ollama-js does not know `truncate`, and passes it on. */
type StreamedChat = ChatRequest & { readonly stream: true; readonly truncate: false };

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

/** What a request needs to know of the model and of the server's grammar. */
export interface ChatRequestOptions {
  /** The model has the capability `thinking`, and thinks unless told not to. */
  readonly thinks: boolean;
  /** A schema as far as the server's grammar takes it. Throws ASK_REFUSED where it takes none of it. */
  readonly formatOf: (schema: JsonSchema) => JsonSchema;
}

/**
 * A question in the words of `POST /api/chat`, made anew for every attempt because ollama-js changes what it is given.
 * It never holds keep_alive, which can wedge the server's scheduler, nor shift or any option that loads the model again.
 * `truncate: false` turns the silent cut of a conversation that is too long into an error. Throws ASK_REFUSED for an
 * option that loads the model, for a schema that cannot be used and for a conversation without a question.
 */
export function chatRequest(request: ModelRequest, { thinks, formatOf }: ChatRequestOptions): StreamedChat {
  refuseLoadOptions(request);
  return {
    model: request.model ?? '',
    messages: messagesOf(request),
    stream: true,
    truncate: false,
    ...(thinks ? { think: false } : {}),
    ...(request.schema === null ? {} : { format: formatOf(request.schema) }),
    ...(request.wantsConfidence ? { logprobs: true } : {}),
    options: optionsOf(request),
  };
}

function optionsOf({ options, numCtx }: ModelRequest): NonNullable<ChatRequest['options']> {
  return {
    ...options.extra,
    temperature: options.temperature,
    num_predict: options.maxTokens,
    num_ctx: numCtx,
    ...(options.seed === null ? {} : { seed: options.seed }),
    ...(options.repeatPenalty === null ? {} : { repeat_penalty: options.repeatPenalty }),
    ...(options.stop.length === 0 ? {} : { stop: [...options.stop] }),
  };
}

function refuseLoadOptions({ options }: ModelRequest): void {
  const loadOption = Object.keys(options.extra).find((name) => LOAD_OPTIONS.has(name));
  if (loadOption === undefined) return;
  throw new VisionError('ASK_REFUSED', `The option ${loadOption} would load the model again for every request.`, {
    fix: loadOption === 'num_ctx' ? 'Use --num-ctx.' : 'Set it on the server or in the Modelfile.',
  });
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
  const meter = new ConfidenceMeter();
  let text = '';
  try {
    for await (const chunk of chunks) {
      const piece = contentOf(host, chunk);
      text += piece;
      if (chunk.logprobs !== undefined) meter.push(chunk);
      yield { text: piece };
      if (chunk.done) {
        yield { answer: answerOf(text, chunk, meter) };
        return;
      }
    }
  } catch (thrown) {
    if (signal.aborted) throw signal.reason;
    if (!(thrown instanceof Error) || thrown.message !== NO_LAST_CHUNK) throw streamError(host, thrown, text);
  }
  yield { answer: answerOf(text, null, meter) };
}

function contentOf(host: string, chunk: Partial<ChatResponse>): string {
  const content = chunk.message?.content;
  if (typeof content === 'string') return content;
  throw new VisionError('HOST_REFUSED', `${host} answered with something that is no chat answer.`, {
    fix: 'Check that the URL is that of an Ollama server.',
  });
}

function answerOf(text: string, last: Partial<ChatResponse> | null, meter: ConfidenceMeter): ModelAnswer {
  return {
    text,
    end: endOf(last?.done_reason),
    tokens: { prompt: last?.prompt_eval_count ?? null, output: last?.eval_count ?? null },
    timingMs: {
      load: milliseconds(last?.load_duration),
      prompt: milliseconds(last?.prompt_eval_duration),
      generate: milliseconds(last?.eval_duration),
    },
    confidence: meter.confidence(),
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
