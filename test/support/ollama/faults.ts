import { createHash } from 'node:crypto';
import { type AskRequest, imagesOf, promptOf } from './request.js';

/** What goes wrong instead of an ordinary answer. Tokens are counted from the answer's first. */
export type Outcome =
  /** An ordinary answer with another text. */
  | { readonly kind: 'stop'; readonly text: string }
  /** An ordinary answer that takes so many times as long. */
  | { readonly kind: 'slow'; readonly times: number }
  /** The text's words again and again, until a limit or the client ends it. */
  | { readonly kind: 'loop'; readonly text: string }
  /** White space for ever · thinking and no content · nothing at all, each with its ordinary end. */
  | { readonly kind: 'whitespace' | 'thinking-only' | 'empty' }
  /** Cut: with `done_reason: length` · without a final line · with an error line or 500 · by the runner's death ·
   * by silence that never ends (0: before any header) · by a reset of the connection. */
  | { readonly kind: 'length' | 'silent-end' | 'error' | 'crash' | 'hang' | 'reset'; readonly afterTokens: number }
  /** Refused by the runner: undecodable image · prompt too long · broken prompt cache, until an unload. */
  | { readonly kind: 'image' | 'context' | 'chunk-not-found' }
  /** Refused before the scheduler: 503 · empty 403 · 404 · 413 with an empty error. */
  | { readonly kind: 'busy' | 'forbidden' | 'model-missing' | 'too-large' }
  /** An answer whose headers are longer than any client reads: a failure of the connection that no rule knows. */
  | { readonly kind: 'endless-headers' }
  /** A proxy's HTML page. */
  | { readonly kind: 'html'; readonly status: 413 | 502 | 504 };

/** When an outcome strikes. All conditions that are given must hold; without any, every request is struck. */
export interface FaultRule {
  readonly outcome: Outcome;
  /** Which requests of the server, counted from 1; preloads are not counted. */
  readonly nth?: readonly number[];
  /** Hex SHA-256 of one of the request's images. */
  readonly imageSha256?: string;
  /** A part of the request's text. */
  readonly prompt?: string;
  /** Share of requests, 0 to 1, chosen by `seed` and the request's number. */
  readonly probability?: number;
  readonly seed?: number;
  /** At most so many times. */
  readonly times?: number;
  /** From its first strike on, so long and for every request, trials too. */
  readonly forMs?: number;
  /** Strikes trials as well. */
  readonly trials?: boolean;
}

interface ArmedRule {
  readonly rule: FaultRule;
  struck: number;
  untilMs: number;
}

/** The faults of one server, switchable at any time. The first rule that matches strikes. */
export class Faults {
  readonly #nowMs: () => number;
  #armed: ArmedRule[] = [];
  #asks = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  add(...rules: readonly FaultRule[]): void {
    this.#armed.push(...rules.map((rule) => ({ rule, struck: 0, untilMs: 0 })));
  }

  /** Nothing goes wrong any more, and requests are counted from 1 again. */
  clear(): void {
    this.#armed = [];
    this.#asks = 0;
  }

  /** Counts a request, unless it is a trial, and says what happens to it, or null. */
  pick(ask: AskRequest, isTrial: boolean): Outcome | null {
    if (!isTrial) this.#asks += 1;
    const armed = this.#armed
      .filter(({ rule }) => !isTrial || rule.trials === true || rule.forMs !== undefined)
      .find((candidate) => this.#strikes(candidate, ask));
    if (armed === undefined) return null;
    if (armed.struck === 0) armed.untilMs = this.#nowMs() + (armed.rule.forMs ?? 0);
    armed.struck += 1;
    return armed.rule.outcome;
  }

  #strikes({ rule, struck, untilMs }: ArmedRule, ask: AskRequest): boolean {
    if (rule.forMs !== undefined && struck > 0) return this.#nowMs() < untilMs;
    if (rule.times !== undefined && struck >= rule.times) return false;
    return this.#matches(rule, ask);
  }

  #matches(rule: FaultRule, ask: AskRequest): boolean {
    const { nth, imageSha256, prompt, probability, seed = 0 } = rule;
    return (
      (nth === undefined || nth.includes(this.#asks)) &&
      (imageSha256 === undefined || imagesOf(ask).some(({ sha256 }) => sha256 === imageSha256)) &&
      (prompt === undefined || promptOf(ask).includes(prompt)) &&
      (probability === undefined || draw(seed, this.#asks) < probability)
    );
  }
}

/** A number in [0, 1), the same for the same seed and request. */
function draw(seed: number, nth: number): number {
  return createHash('sha256').update(`${seed}:${nth}`).digest().readUInt32BE(0) / 2 ** 32;
}
