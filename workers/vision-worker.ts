import type { JobContext } from '../jobs/queue.js';
import type { AnswerRulesOf } from '../jobs/tasks/reading.js';
import { askOfRow, refuseFewLabels } from '../jobs/tasks/row-labels.js';
import type { Reading } from '../jobs/tasks/task.js';
import { type Carry, FRESH_CARRY, type Outcome, type VisionJob } from '../jobs/vision-job.js';
import type { Ask, ChatTurn, ModelImage, ModelRequest } from '../src/core/ask.js';
import { type Failure, toVisionError, VisionError } from '../src/core/errors.js';
import type { SourceReader } from '../src/core/item.js';
import type { Ending, RecordContext } from '../src/core/outcome-record.js';
import { NO_RESULT } from '../src/core/record.js';
import { SiteAtRest } from '../src/inputs/urls/url-failures.js';
import type { Pixels } from '../src/pixels/prepare.js';
import { allowsAfter } from './allows.js';
import { Conversation } from './conversation.js';
import type { AskHost, AskLimits } from './hosts/asker.js';
import { type EndedItem, itemOutcome, putOff } from './item-end.js';
import { ItemImages } from './item-images.js';
import { answered, nextStep } from './ladder.js';
import { type Plan, planOf, rescuedBy } from './plan.js';
import { type Asked, readTry, type Tried, withTextBefore } from './readings.js';
import { stopwatch } from './stopwatch.js';
import type { Verified, VerifyText } from './verifier.js';

/** What it takes to serve the items of one run on one host. */
export interface VisionWorkerOptions {
  readonly record: RecordContext;
  /** What was said before the first question. @defaultValue nothing */
  readonly history?: readonly ChatTurn[];
  readonly rulesOf: AnswerRulesOf;
  readonly host: string;
  /** Counted attempts a question gets. */
  readonly attempts: number;
  /** All attempts at an item together. */
  readonly itemMs: number;
  readonly numCtx: number;
  readonly wantsConfidence: boolean;
  readonly open: SourceReader;
  /** Opens sources of several pages, which are asked for once a page. */
  readonly openPages: SourceReader;
  readonly pixels: Pixels;
  /** Asks the host once within the budgets. Throws VisionErrors. */
  readonly askHost: AskHost;
  /** Compares what was read with what an engine reads that cannot invent; null where nobody asked for it. */
  readonly verify: VerifyText | null;
  /** Whether a live host answers that is none of these. */
  readonly othersAnswer: (thanHosts: readonly string[]) => boolean;
}

/**
 * Serves one item: bytes → pixels → question → checks → record. Never throws: every outcome, failed ones too, is
 * returned. Knows no queue.
 */
export function serveItem(job: VisionJob, context: JobContext, options: VisionWorkerOptions): Promise<Outcome> {
  return new Passage(job, context, options).run();
}

type Step = { readonly outcome: Outcome } | { readonly again: Carry };

/** One item on its way through this host. */
class Passage {
  readonly #job: VisionJob;
  readonly #context: JobContext;
  readonly #options: VisionWorkerOptions;
  /** The run's, with what the item's row says. */
  readonly #itemAsk: Ask;
  readonly #elapsedMs = stopwatch();
  readonly #images: ItemImages;
  readonly #talk: Conversation;

  constructor(job: VisionJob, context: JobContext, options: VisionWorkerOptions) {
    const ask = askOfRow(options.record.ask, job.vars);
    this.#job = job;
    this.#context = context;
    this.#options = options;
    this.#itemAsk = ask;
    this.#images = new ItemImages(job, ask, options.pixels);
    this.#talk = new Conversation(ask, job, options.history);
  }

  async run(): Promise<Outcome> {
    let step = await this.#open(this.#job.carry ?? FRESH_CARRY);
    while ('again' in step) step = await this.#try(step.again);
    return step.outcome;
  }

  async #open(carry: Carry): Promise<Step> {
    try {
      await this.#images.read(this.#options, this.#context.signal);
      refuseFewLabels(this.#options.record.ask.form, this.#job.vars);
      const outcome = await this.#unasked();
      return outcome === null ? { again: carry } : { outcome };
    } catch (thrown) {
      if (this.#context.signal.aborted) return { outcome: { handBack: { reason: 'HOST_BUSY' }, carry } };
      if (thrown instanceof SiteAtRest) return { outcome: putOff(thrown, carry) };
      const error = toVisionError(thrown);
      if (error.fate !== 'fail') {
        const step = this.#afterFailure({ carry, error, ms: this.#elapsedMs(), spentMs: 0 });
        return 'outcome' in step ? step : { outcome: { handBack: { reason: error.code }, carry: step.again } };
      }
      const result = { ...NO_RESULT, text: carry.best ?? null, answers: this.#talk.answered(carry.answers) };
      const failure = error.code === 'PDF_ENCRYPTED' && this.#job.pages !== undefined ? LOCKED_HERE : error.toFailure();
      return { outcome: this.#settle(carry, { failure, result, answer: null }) };
    }
  }

  /** The end of an item that needs no model: a page that holds its text, or nothing. Null for any other. */
  async #unasked(): Promise<Outcome | null> {
    const text = await this.#images.text();
    if (text !== null) {
      const ending: Ending = { status: 'ok', result: { ...NO_RESULT, text }, answer: null };
      return this.#settle(FRESH_CARRY, ending, { answeredBy: 'pdf-text' });
    }
    await this.#images.prepare();
    if (!this.#images.isBlank) return null;
    return this.#settle(FRESH_CARRY, { status: 'blank', result: { ...NO_RESULT, text: '' }, answer: null });
  }

  /** One try at the question at hand. */
  async #try(carry: Carry): Promise<Step> {
    const elapsedMs = stopwatch();
    const spent = { ms: 0 };
    const plan = planOf(carry.changes, this.#options.record.ask.options, this.#options.numCtx);
    try {
      const tried = await this.#ask(plan, carry, spent);
      const cost = { ms: elapsedMs(), spentMs: Math.round(spent.ms) };
      const { reading, answer } = tried;
      if (!('failure' in reading)) return await this.#afterAnswer({ answer, reading }, carry, cost);
      const { failure, result, complaint } = reading;
      const error = new VisionError(
        failure.code,
        failure.message,
        result.text === null ? {} : { partialText: result.text },
      );
      const known = complaint === undefined ? carry : { ...carry, complaint };
      return this.#afterFailure({ carry: known, error, ...cost, tried });
    } catch (thrown) {
      if (this.#context.signal.aborted) return { outcome: { handBack: { reason: 'HOST_BUSY' }, carry } };
      return this.#afterFailure({
        carry,
        error: toVisionError(thrown),
        ms: elapsedMs(),
        spentMs: Math.round(spent.ms),
      });
    }
  }

  /** Sends the requests of one try, one after the other. */
  async #ask(plan: Plan, carry: Carry, spent: { ms: number }): Promise<Tried> {
    const { askHost, itemMs, rulesOf } = this.#options;
    const { readAnswer, schema } = rulesOf(this.#itemAsk);
    const asked: Asked[] = [];
    for (const images of await this.#images.requests(plan)) {
      const before = spent.ms;
      const limits: AskLimits = {
        signal: this.#context.signal,
        itemMs: Math.max(1, itemMs - carry.spentMs - before),
        onSpent: (ms) => {
          spent.ms = before + ms;
        },
        alone: carry.crashes.length > 0,
      };
      const asking = askHost({ ...this.#requestFor(images, plan, carry), schema }, limits);
      const answer = await asking.catch((thrown: unknown) => Promise.reject(withTextBefore(thrown, asked)));
      asked.push({ images, answer });
    }
    return readTry(asked, { read: readAnswer, isTiled: this.#images.isTiled });
  }

  #requestFor(images: readonly ModelImage[], plan: Plan, carry: Carry): Omit<ModelRequest, 'schema'> {
    const { numCtx, wantsConfidence } = this.#options;
    const ask = this.#itemAsk;
    return {
      model: ask.model,
      profile: ask.profile,
      system: this.#talk.system,
      messages: this.#talk.messages(carry, plan.complains),
      images,
      lang: ask.lang,
      options: plan.options,
      numCtx,
      wantsConfidence,
    };
  }

  async #afterAnswer(
    { answer, reading }: Answered,
    carry: Carry,
    cost: { ms: number; spentMs: number },
  ): Promise<Step> {
    const { host } = this.#options;
    const warnings = [...new Set([...carry.warnings, ...rescuedBy(carry.changes), ...reading.warnings])];
    const after: Carry = { ...answered(carry, { host, ...cost }), warnings };
    const answers = [...carry.answers, reading.result.text ?? ''];
    if (!this.#talk.isOver(answers.length)) return { again: { ...after, answers } };
    const list = this.#talk.answered(answers);
    const result = list === null ? reading.result : { ...NO_RESULT, answers: list };
    const verified = reading.status === 'ok' ? await this.#verify(reading.result.text) : null;
    const ending: Ending = { status: reading.status, result, answer };
    return { outcome: this.#settle(after, ending, { verified }) };
  }

  async #verify(text: string | null): Promise<Verified | null> {
    const { first } = this.#images;
    const { verify, record } = this.#options;
    if (verify === null || record.ask.form.kind !== 'page' || text === null || first === null) return null;
    if (this.#images.isTiled) return NOT_VERIFIED; // whole, the page is too small to be read
    return await verify({ key: this.#job.key, image: first, text }, this.#context.signal);
  }

  #afterFailure({ carry, error, ms, spentMs, tried }: FailedTry): Step {
    const { attempts, host, othersAnswer } = this.#options;
    const others = othersAnswer([...carry.avoidHosts, host]);
    const { numCtx, record } = this.#options;
    const answer = tried?.answer ?? null;
    const allows = allowsAfter({ ask: record.ask, numCtx, images: this.#images, carry, answer });
    const next = nextStep(error, carry, { host, attempts, othersAnswer: others, allows, ms, spentMs });
    if (next.step === 'leave') return { outcome: { leave: next.failure } };
    if (next.step === 'stop') return { outcome: { stop: next.failure } };
    const after = withBest(next.carry, error.partialText);
    if (next.step === 'again') return { again: after };
    if (next.step === 'handBack') {
      const avoid = next.avoidHost ? { avoidHost: host } : {};
      return { outcome: { handBack: { reason: error.code, ...avoid }, carry: after } };
    }
    const { result: kept = NO_RESULT, warnings = [] } = tried?.reading ?? {};
    const result = { ...kept, text: after.best ?? null, answers: this.#talk.answered(after.answers) };
    const warned = { ...after, warnings: [...new Set([...after.warnings, ...warnings])] };
    const ending: Ending = { failure: next.failure, result, answer };
    return { outcome: this.#settle(warned, ending) };
  }

  #settle(carry: Carry, ending: Ending, further: Pick<EndedItem, 'verified' | 'answeredBy'> = {}): Outcome {
    const { record } = this.#options;
    const { queuedMs } = this.#context;
    const item = { record, job: this.#job, images: this.#images, carry, queuedMs, totalMs: this.#elapsedMs() };
    return itemOutcome({ ...item, ...further }, ending);
  }
}

/** Its pages were counted, so whoever gives out the work has opened it. */
const LOCKED_HERE: Failure = {
  code: 'PDF_ENCRYPTED',
  message:
    'A worker has no password that opens it. Start every worker with --password-file FILE, too; then the same command asks it again.',
};

const NOT_VERIFIED: Verified = { verification: null, warnings: ['not-verified'] };

/** A try whose answer is one. */
interface Answered extends Tried {
  readonly reading: Exclude<Reading, { readonly failure: unknown }>;
}

interface FailedTry {
  readonly carry: Carry;
  readonly error: VisionError;
  readonly ms: number;
  readonly spentMs: number;
  /** The answer that was no good, where there was one. */
  readonly tried?: Tried;
}

function withBest(carry: Carry, partial: string | undefined): Carry {
  if (partial === undefined || partial.length <= (carry.best?.length ?? -1)) return carry;
  return { ...carry, best: partial };
}
