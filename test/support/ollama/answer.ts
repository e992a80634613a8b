import type { AskRequest } from './request.js';
import type { Piece } from './script.js';

/** What a final line tells of the work. Times in milliseconds. */
export interface Metrics {
  readonly doneReason: 'stop' | 'length';
  readonly totalMs: number;
  readonly loadMs: number;
  readonly promptTokens: number;
  readonly promptMs: number;
  readonly evalTokens: number;
  readonly evalMs: number;
}

type Body = Readonly<Record<string, unknown>>;

/** Writes the bodies of one request's answer, in the shape of its endpoint. */
export class AnswerWriter {
  constructor(readonly ask: AskRequest) {}

  /** A line of a stream before the last. */
  piece(piece: Piece): Body {
    const logprobs = piece.thinking ? {} : this.#logprobs([piece]);
    return { ...this.#head(), ...this.#said([piece]), done: false, ...logprobs };
  }

  /** The last line of a stream. */
  final(metrics: Metrics): Body {
    return { ...this.#head(), ...this.#said([]), ...this.#done(metrics, {}) };
  }

  /** A whole answer in one body; without metrics it never came to its end. */
  whole(pieces: readonly Piece[], metrics: Metrics | null): Body {
    if (metrics === null && pieces.length === 0) return this.#nothing();
    const logprobs = this.#logprobs(pieces.filter(({ thinking }) => !thinking));
    const end = metrics === null ? { done: false, ...logprobs } : this.#done(metrics, logprobs);
    return { ...this.#head(), ...this.#said(pieces), ...end };
  }

  /** The answer to a request that only loads or unloads. */
  preload(doneReason: 'load' | 'unload'): Body {
    return { ...this.#head(), ...this.#said([]), done: true, done_reason: doneReason };
  }

  debugRender(template: string, imageCount: number): Body {
    const empty = this.ask.endpoint === 'chat' ? { message: { role: '', content: '' } } : { response: '' };
    return {
      ...this.#head(),
      ...empty,
      done: false,
      _debug_info: { rendered_template: template, image_count: imageCount },
    };
  }

  #head(): Body {
    return { model: this.ask.model, created_at: timestamp() };
  }

  #said(pieces: readonly Piece[]): Body {
    const text = (thinking: boolean) => pieces.map((piece) => (piece.thinking === thinking ? piece.text : '')).join('');
    const thoughts = text(true) === '' ? {} : { thinking: text(true) };
    if (this.ask.endpoint === 'chat') return { message: { role: 'assistant', content: text(false), ...thoughts } };
    return { response: text(false), ...thoughts };
  }

  #done(metrics: Metrics, logprobs: Body): Body {
    return {
      done: true,
      done_reason: metrics.doneReason,
      ...logprobs,
      ...(this.ask.endpoint === 'generate' && { context: [317, 331, 335] }),
      ...withoutZeros({
        total_duration: nanoseconds(metrics.totalMs),
        load_duration: nanoseconds(metrics.loadMs),
        prompt_eval_count: metrics.promptTokens,
        prompt_eval_duration: nanoseconds(metrics.promptMs),
        eval_count: metrics.evalTokens,
        eval_duration: nanoseconds(metrics.evalMs),
      }),
    };
  }

  /** The zero object of a real server that got not one piece. */
  #nothing(): Body {
    const said = this.ask.endpoint === 'chat' ? { message: { role: '', content: '' } } : { response: '' };
    return { model: '', created_at: '0001-01-01T00:00:00Z', ...said, done: false };
  }

  #logprobs(pieces: readonly Piece[]): Body {
    if (!this.ask.logprobs || pieces.length === 0) return {};
    return { logprobs: pieces.map(({ text }) => this.#logprob(text)) };
  }

  /** The model is sure of every token but those with a question mark, whose probability is a fifth. */
  #logprob(token: string): Body {
    const own = { token, logprob: token.includes('?') ? Math.log(0.2) : 0, bytes: [...Buffer.from(token)] };
    if (this.ask.topLogprobs === 0) return own;
    const others = Array.from({ length: this.ask.topLogprobs - 1 }, () => ({ token: '', logprob: -39.992 }));
    return { ...own, top_logprobs: [own, ...others] };
  }
}

/** Nanosecond time as Go prints it. */
function timestamp(): string {
  const submillis = String(Math.floor((performance.now() % 1) * 1e6)).padStart(6, '0');
  return new Date().toISOString().replace('Z', `${submillis}Z`);
}

/** At least a microsecond: what was done took time. */
function nanoseconds(ms: number): number {
  return Math.max(1000, Math.round(ms * 1e6));
}

/** Go leaves zeros out. */
function withoutZeros(fields: Readonly<Record<string, number>>): Body {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== 0));
}
