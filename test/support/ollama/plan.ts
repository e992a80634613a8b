import type { Outcome } from './faults.js';
import type { RunnerSettings } from './model-options.js';
import type { ModelSpec, OllamaOptions } from './options.js';
import { breakPrefix } from './prompt.js';
import { ASSERTION, REFUSALS } from './refusal.js';
import { type AskRequest, imagesOf } from './request.js';
import type { Runner } from './runner.js';
import { repeat, type Script, said, scriptOf, thought, untilStop } from './script.js';

/** How an answer ends once its pieces are told. */
export type Ending = 'stop' | 'length' | 'silent-end' | 'error' | 'crash' | 'hang' | 'reset';

/** What a request is answered with. */
export interface Plan {
  readonly script: Script;
  /** Pieces after which `ending` comes; infinite where the script ends by itself. */
  readonly cutAfter: number;
  readonly ending: Ending;
  /** Why the runner dies, where it does. */
  readonly why: string;
}

interface PlanInput {
  readonly ask: AskRequest;
  readonly runner: Runner;
  readonly options: OllamaOptions;
  readonly outcome: Outcome | null;
}

const WHOLE = { cutAfter: Number.POSITIVE_INFINITY, ending: 'stop', why: 'unexpected EOF' } as const;

/** Plans an answer, or refuses as the outcome asks. */
export function planAnswer({ ask, runner, options, outcome }: PlanInput): Plan {
  const { model } = runner;
  if (outcome !== null) expectNotRefused({ ask, runner, outcome });
  if (model.crashesOnImage && imagesOf(ask).length > 0) {
    return { ...WHOLE, script: [], cutAfter: 0, ending: 'crash', why: ASSERTION };
  }
  const whole = (outcome === null ? null : scriptFor(outcome)) ?? scriptOf(ask, model, options);
  const script = stopsOf(ask).length === 0 ? whole : untilStop(whole, stopsOf(ask));
  if (outcome === null || !('afterTokens' in outcome)) return { ...WHOLE, script };
  return { ...WHOLE, script, cutAfter: outcome.afterTokens, ending: outcome.kind };
}

function stopsOf({ options: { stop } }: AskRequest): readonly string[] {
  return Array.isArray(stop) ? stop.filter((text) => typeof text === 'string') : [];
}

function expectNotRefused({ ask, runner, outcome }: { ask: AskRequest; runner: Runner; outcome: Outcome }): void {
  if (outcome.kind === 'image') throw REFUSALS.image();
  if (outcome.kind === 'context') throw REFUSALS.context(runner.settings.numCtx + 1, runner.settings.numCtx);
  if (outcome.kind === 'chunk-not-found') {
    breakPrefix(ask, runner);
    throw REFUSALS.chunkNotFound();
  }
}

function scriptFor(outcome: Outcome): Script | null {
  switch (outcome.kind) {
    case 'stop':
      return words(outcome.text).map((text) => said(text));
    case 'loop':
      return repeat(...words(outcome.text));
    case 'whitespace':
      return repeat(' ');
    case 'thinking-only':
      return ['Let', ' me', ' think.'].map(thought);
    case 'empty':
      return [];
    default:
      return null;
  }
}

function words(text: string): string[] {
  return [...text.matchAll(/\s*\S+\s*$|\s*\S+/g)].map(([word]) => word);
}

/** Tokens an answer may have: the request's own limit, the context's wall, or ten contexts where neither bounds it. */
export function tokenLimit(model: ModelSpec, settings: RunnerSettings, promptTokens: number): number {
  const hasProjector = model.capabilities.includes('vision');
  const wall = hasProjector ? settings.numCtx - promptTokens : 10 * settings.numCtx; // text alone shifts its context
  return Math.min(settings.numPredict, wall);
}

/**
 * Tells when the rendered path gives up on an answer: 31 pieces of equal trimmed text in a row, 30 where the answer
 * begins with white space. It then ends without a final line.
 */
export class RepeatGuard {
  #last = '';
  #repeats = 0;

  trips(text: string): boolean {
    const trimmed = text.trim();
    this.#repeats = trimmed === this.#last ? this.#repeats + 1 : 0;
    this.#last = trimmed;
    return this.#repeats >= 30;
  }
}
