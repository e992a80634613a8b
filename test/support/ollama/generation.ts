import { setImmediate as nextTurn } from 'node:timers/promises';
import { AnswerWriter, type Metrics } from './answer.js';
import type { Exchange } from './exchange.js';
import type { Outcome } from './faults.js';
import type { OllamaOptions } from './options.js';
import { forever, pause } from './pause.js';
import { type Ending, type Plan, planAnswer, RepeatGuard, tokenLimit } from './plan.js';
import { promptTokens } from './prompt.js';
import { REFUSALS } from './refusal.js';
import { type AskRequest, imagesOf } from './request.js';
import type { Runner } from './runner.js';
import type { Piece } from './script.js';
import { serviceFactor } from './service-time.js';

/** Everything that one answer needs. */
export interface Generation {
  readonly exchange: Exchange;
  readonly ask: AskRequest;
  readonly runner: Runner;
  readonly options: OllamaOptions;
  readonly outcome: Outcome | null;
  /** From the request's arrival to the loaded model, in milliseconds. */
  readonly loadMs: number;
}

/** A reset throws away what the client has not read yet, so it is given a moment to read. */
const BEFORE_RESET_MS = 20;

interface Pace {
  readonly prefillMs: number;
  readonly tokenMs: number;
}

interface Told {
  readonly pieces: readonly Piece[];
  readonly tokens: number;
  readonly ending: Ending;
}

/** Answers a request on its slot. Throws what a real server would refuse, and the signal's reason when cut short. */
export async function generate(generation: Generation): Promise<void> {
  const { ask, runner, options, exchange } = generation;
  const prompt = promptTokens(ask, runner, options.version);
  const plan = planAnswer(generation);
  const pace = paceOf(plan, generation);
  const startMs = performance.now();
  await pause(pace.prefillMs, exchange.controller.signal);
  const promptMs = performance.now() - startMs;
  const limit = tokenLimit(runner.model, runner.settings, prompt);
  const told = await tell(generation, { plan, limit, tokenMs: pace.tokenMs, startMs: startMs + pace.prefillMs });
  const isCut = told.ending === 'length';
  await finish(generation, plan, {
    ...told,
    metrics: {
      doneReason: isCut ? 'length' : 'stop',
      totalMs: performance.now() - exchange.startedMs,
      loadMs: generation.loadMs,
      promptTokens: prompt,
      promptMs,
      evalTokens: isCut ? told.tokens : told.tokens + 1, // the end token counts
      evalMs: performance.now() - startMs - promptMs,
    },
  });
}

/** However long images take. */
const MOST_TRIAL_MS = 100;

/** A service time is half prefill and half tokens, of which an endless answer has thirty in it. */
function paceOf({ script }: Plan, { ask, exchange, options, runner, outcome }: Generation): Pace {
  const { serviceMs, serviceSigma, prefillMs, tokenMs } = options;
  const times = outcome?.kind === 'slow' ? outcome.times : 1;
  if (serviceMs === null) {
    return { prefillMs: times * prefillMs, tokenMs: times * (tokenMs + runner.model.extraTokenMs) };
  }
  const count = Array.isArray(script) ? Math.max(1, script.length) : 30;
  const usualMs = exchange.log.isTrial ? Math.min(serviceMs, MOST_TRIAL_MS) : serviceMs; // a few words, no image
  const wholeMs = times * usualMs * serviceFactor(imagesOf(ask)[0]?.sha256 ?? null, serviceSigma);
  return { prefillMs: wholeMs / 2, tokenMs: wholeMs / 2 / count };
}

interface Telling {
  readonly plan: Plan;
  readonly limit: number;
  readonly tokenMs: number;
  /** When the first token began; later ones keep to the clock, so that an answer takes the time it should. */
  readonly startMs: number;
}

async function tell({ exchange, ask, runner }: Generation, telling: Telling): Promise<Told> {
  const { plan, limit, tokenMs, startMs } = telling;
  const writer = new AnswerWriter(ask);
  const guard = runner.model.path === 'rendered' ? new RepeatGuard() : null;
  const pieces: Piece[] = [];
  let tokens = 0;
  for (const piece of plan.script) {
    if (pieces.length >= plan.cutAfter) break;
    if (tokens + piece.tokens > limit) return { pieces, tokens: limit, ending: 'length' };
    await pause(startMs + (pieces.length + 1) * tokenMs - performance.now(), exchange.controller.signal);
    if (pieces.length % 16 === 15) await nextTurn(); // an answer without delays must not hold up the rest
    pieces.push(piece);
    tokens += piece.tokens;
    if (ask.stream) await exchange.line(writer.piece(piece));
    if (guard?.trips(piece.text) === true) return { pieces, tokens, ending: 'silent-end' };
    if (tokens >= limit) return { pieces, tokens, ending: 'length' };
  }
  return { pieces, tokens, ending: plan.ending };
}

async function finish(
  { exchange, ask, runner }: Generation,
  plan: Plan,
  { pieces, ending, metrics }: Told & { readonly metrics: Metrics },
): Promise<void> {
  const { signal } = exchange.controller;
  const writer = new AnswerWriter(ask);
  if (ending === 'error') throw REFUSALS.runnerDied('CUDA error: unspecified launch failure');
  if (ending === 'crash') runner.die(plan.why);
  if (ending === 'reset') await pause(BEFORE_RESET_MS, signal).then(() => exchange.reset());
  if (ending === 'hang') await forever(signal);
  signal.throwIfAborted();
  const isWhole = ending !== 'silent-end';
  if (!ask.stream) return exchange.json(200, writer.whole(pieces, isWhole ? metrics : null));
  if (isWhole) await exchange.line(writer.final(metrics));
  exchange.end();
}
