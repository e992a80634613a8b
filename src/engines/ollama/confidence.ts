import type { Confidence } from '../../core/ask.js';
import type { ChatResponse } from './transport.js';

/** Tokens of the span that is looked for: some words, enough to be found again in the answer. */
const SPAN_TOKENS = 8;

interface Token {
  readonly bytes: Uint8Array;
  readonly probability: number;
}

interface Span {
  readonly tokens: readonly Token[];
  readonly probability: number;
}

/**
 * How sure a model was of its answer, from the log-probabilities of a stream, in one pass and with a memory of eight
 * tokens. The mean is over the probabilities of all tokens that are not thoughts; the weakest span is the run of eight
 * tokens with the lowest mean, or the whole answer where that is shorter. Under a `format` the server gives the model's
 * own values from before the grammar: they say how much of the form was forced upon it.
 */
export class ConfidenceMeter {
  #sum = 0;
  #count = 0;
  readonly #last: Token[] = [];
  #weakest: Span | null = null;

  /** One piece of a stream. A piece with thoughts in it says nothing of the answer. */
  push({ logprobs, message }: Pick<ChatResponse, 'logprobs' | 'message'>): void {
    if (message.thinking !== undefined && message.thinking !== '') return;
    for (const entry of logprobs ?? []) this.#take(tokenOf(entry));
  }

  /** Null where the server gave no values. */
  confidence(): Confidence | null {
    if (this.#count === 0) return null;
    const weakest = this.#weakest ?? { tokens: this.#last, probability: meanOf(this.#last) };
    const text = Buffer.concat(weakest.tokens.map(({ bytes }) => bytes)).toString('utf8');
    return {
      mean: this.#sum / this.#count,
      weakest: { text: text.replace(/^\uFFFD+|\uFFFD+$/g, '').trim(), probability: weakest.probability },
    };
  }

  #take(token: Token | null): void {
    if (token === null) return;
    this.#sum += token.probability;
    this.#count += 1;
    if (this.#last.length === SPAN_TOKENS) this.#last.shift();
    this.#last.push(token);
    if (this.#last.length < SPAN_TOKENS) return;
    const probability = meanOf(this.#last);
    if (probability < (this.#weakest?.probability ?? Number.POSITIVE_INFINITY)) {
      this.#weakest = { tokens: [...this.#last], probability };
    }
  }
}

/**
 * An entry of `logprobs`, whose type in ollama-js lacks the bytes: a character may be made of several tokens, whose
 * texts alone are broken ones; half of one may be left at either end of a span. Null where it is no entry.
 */
function tokenOf(entry: {
  readonly token?: unknown;
  readonly logprob?: unknown;
  readonly bytes?: unknown;
}): Token | null {
  const { bytes, logprob, token } = entry;
  if (typeof logprob !== 'number' || typeof token !== 'string') return null;
  return {
    bytes: Array.isArray(bytes) ? Uint8Array.from(bytes) : Buffer.from(token, 'utf8'),
    probability: Math.min(1, Math.exp(logprob)),
  };
}

function meanOf(tokens: readonly Token[]): number {
  return tokens.reduce((sum, { probability }) => sum + probability, 0) / tokens.length;
}
