import { VisionError } from '../../core/errors.js';
import type { JsonSchema } from '../../core/json-schema.js';
import type { Trial } from '../engine.js';
import type { ChatRequest, ChatResponse } from './transport.js';

export interface TrialChat {
  /** Named in failures. */
  readonly host: string;
  readonly model: string;
  readonly numCtx: number;
  /** The model thinks unless told not to. */
  readonly thinks: boolean;
  /** What the answer is held to, as the server's grammar takes it; null for nothing. */
  readonly format: JsonSchema | null;
  readonly chat: (request: ChatRequest & { readonly stream: false }) => Promise<Partial<ChatResponse>>;
}

/** Counting goes on for as long as it may, so that generations which run at once are long enough to be seen so. */
const PROMPT = 'Count from 1 to 100 in digits, with a comma after each number, and write nothing else.';
const TOKENS = 16;

/** Asks for a few words and times them. Throws HOST_CRASHED where the host answers without having generated. */
export async function askTrial({ host, model, numCtx, thinks, format, chat }: TrialChat): Promise<Trial> {
  const sentAtMs = performance.now();
  const answer = await chat({
    model,
    messages: [{ role: 'user', content: PROMPT }],
    stream: false,
    ...(thinks ? { think: false } : {}),
    ...(format === null ? {} : { format }),
    options: { num_ctx: numCtx, num_predict: TOKENS, temperature: 0 },
  });
  const endedAtMs = performance.now();
  if (answer.done !== true || (answer.done_reason !== 'stop' && answer.done_reason !== 'length')) {
    throw new VisionError('HOST_CRASHED', `${host} has ${model}, and ended a few words of it without their end.`);
  }
  return { ...timesOf(answer, endedAtMs - sentAtMs), sentAtMs, endedAtMs };
}

/** A trial that was given up. */
export function trialTimeout({ host, model }: Pick<TrialChat, 'host' | 'model'>, ms: number): VisionError {
  const seconds = Math.round(ms / 100) / 10;
  return new VisionError(
    'HOST_TIMEOUT',
    `${host} has ${model}, and did not generate a few words within ${seconds} s.`,
    {
      fix: 'Is it stuck, or busy for others? A slow host needs a larger --first-token-timeout.',
    },
  );
}

/** The host's own account, in nanoseconds, or where it gives none what was measured here. */
function timesOf(answer: Partial<ChatResponse>, measuredMs: number): Pick<Trial, 'waitMs' | 'workMs' | 'totalMs'> {
  const { total_duration: total = 0, load_duration: load = 0 } = answer;
  if (total === 0) return { waitMs: 0, workMs: measuredMs, totalMs: measuredMs };
  const { prompt_eval_duration: prompt = 0, eval_duration: generate = 0 } = answer;
  const workMs = (prompt + generate) / 1e6;
  return { waitMs: Math.max(0, (total - load) / 1e6 - workMs), workMs, totalMs: total / 1e6 };
}
