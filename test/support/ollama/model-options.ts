import type { ModelSpec } from './options.js';
import { REFUSALS } from './refusal.js';
import type { AskRequest } from './request.js';

const INTEGERS = 'num_ctx num_predict num_batch num_gpu main_gpu num_thread num_keep seed top_k repeat_last_n'.split(
  ' ',
);
const FLOATS = 'temperature top_p min_p typical_p repeat_penalty presence_penalty frequency_penalty'.split(' ');
/** A change of one of these makes the server load the model anew. */
const LAUNCH = ['num_batch', 'num_gpu', 'main_gpu', 'use_mmap', 'num_thread', 'draft_num_predict'];

/** What a request's options mean for the model's runner. */
export interface RunnerSettings {
  /** Context length in tokens, clamped to what the model was trained for. */
  readonly numCtx: number;
  /** Tokens of the answer at most; infinite where nothing bounds it. */
  readonly numPredict: number;
  /** Equal where a loaded runner serves both requests. */
  readonly launchKey: string;
}

/** Checks the options' types, which a real server answers with 500, and resolves them. */
export function runnerSettings(ask: AskRequest, model: ModelSpec, defaultNumCtx: number): RunnerSettings {
  checkTypes(ask.options);
  const asked = ask.options.num_ctx;
  const numCtx = Math.min(typeof asked === 'number' ? Math.trunc(asked) : defaultNumCtx, model.contextLength);
  return {
    numCtx,
    numPredict: numPredictOf(ask, model.path === 'native' ? 1 : Number.POSITIVE_INFINITY),
    launchKey: JSON.stringify([numCtx, ask.shift ?? true, ...LAUNCH.map((name) => ask.options[name] ?? null)]),
  };
}

/** Zero means nothing to the rendered path and one token to the native one. */
function numPredictOf(ask: AskRequest, forZero: number): number {
  const asked = ask.options.num_predict;
  if (typeof asked !== 'number' || asked < 0) return Number.POSITIVE_INFINITY;
  return asked === 0 ? forZero : Math.trunc(asked);
}

function checkTypes(options: Readonly<Record<string, unknown>>): void {
  expectAll(options, { names: INTEGERS, type: 'integer', fits: (value) => typeof value === 'number' });
  expectAll(options, { names: FLOATS, type: 'float32', fits: (value) => typeof value === 'number' });
  expectAll(options, { names: ['stop'], type: 'array', fits: Array.isArray });
}

interface Expectation {
  readonly names: readonly string[];
  readonly type: string;
  readonly fits: (value: unknown) => boolean;
}

function expectAll(options: Readonly<Record<string, unknown>>, { names, type, fits }: Expectation): void {
  for (const name of names) {
    const value = options[name] ?? null;
    if (value !== null && !fits(value)) throw REFUSALS.optionType(name, type);
  }
}
