import type { JobContext } from '../jobs/queue.js';
import type { TaskDefinition } from '../jobs/tasks/task.js';
import { type Carry, FRESH_CARRY, type Outcome, type VisionJob } from '../jobs/vision-job.js';
import type { ModelAnswer, ModelImage, ModelRequest, PixelSettings } from '../src/core/ask.js';
import { toVisionError, VisionError } from '../src/core/errors.js';
import type { SourceBytes, SourceReader } from '../src/core/item.js';
import { type Ending, outcomeRecord, type RecordContext, type RecordFacts } from '../src/core/outcome-record.js';
import type { SentImage } from '../src/core/record.js';
import type { AskHost } from './host-asker.js';
import { answered, nextStep } from './ladder.js';

/** An image ready to be sent, and what it was before. */
export interface Prepared {
  readonly image: ModelImage;
  /** Of the source's bytes. */
  readonly sha256: string;
  /** Upright. */
  readonly width: number;
  readonly height: number;
  readonly warnings: readonly string[];
}

/** What it takes to serve the items of one run on one host. */
export interface VisionWorkerOptions {
  readonly record: RecordContext;
  readonly task: TaskDefinition;
  readonly host: string;
  /** Counted attempts an item gets. */
  readonly attempts: number;
  /** All attempts at an item together. */
  readonly itemMs: number;
  readonly numCtx: number;
  readonly imagePlacement: ModelRequest['imagePlacement'];
  readonly open: SourceReader;
  readonly prepare: (bytes: Uint8Array, settings: PixelSettings) => Promise<Prepared>;
  /** Asks the host once within the budgets. Throws VisionErrors. */
  readonly askHost: AskHost;
  /** Whether a live host answers that is none of these. */
  readonly othersAnswer: (thanHosts: readonly string[]) => boolean;
}

interface Image {
  readonly source: SourceBytes;
  readonly prepared: Prepared;
}

/** One item on its way through this host. */
interface Passage {
  readonly job: VisionJob;
  readonly context: JobContext;
  readonly options: VisionWorkerOptions;
  readonly elapsedMs: () => number;
}

/**
 * Serves one item: bytes → pixels → question → checks → record. Never throws: every outcome, failed ones too, is
 * returned. Knows no queue.
 */
export async function serveItem(job: VisionJob, context: JobContext, options: VisionWorkerOptions): Promise<Outcome> {
  const passage: Passage = { job, context, options, elapsedMs: stopwatch() };
  const carry = job.carry ?? FRESH_CARRY;
  let source: SourceBytes | null = null;
  try {
    source = await options.open(firstSource(job));
    const prepared = await options.prepare(source.bytes, options.record.ask.pixels);
    return await askUntilEnd(passage, { source, prepared }, carry);
  } catch (thrown) {
    const ending: Ending = { failure: toVisionError(thrown).toFailure(), text: null, answer: null };
    return settle(passage, { carry, source, prepared: null, ending });
  }
}

async function askUntilEnd(passage: Passage, image: Image, first: Carry): Promise<Outcome> {
  let carry = first;
  for (;;) {
    const step = await askOnce(passage, image, carry);
    if ('outcome' in step) return step.outcome;
    carry = step.again;
  }
}

type Step = { readonly outcome: Outcome } | { readonly again: Carry };

async function askOnce(passage: Passage, image: Image, carry: Carry): Promise<Step> {
  const { options, context } = passage;
  const elapsedMs = stopwatch();
  let spentMs = 0;
  const onSpent = (ms: number) => {
    spentMs = Math.round(ms);
  };
  try {
    const limits = { signal: context.signal, itemMs: Math.max(1, options.itemMs - carry.spentMs), onSpent };
    const answer = await options.askHost(requestFor(image.prepared, options), limits);
    const after = answered(carry, { host: options.host, ms: elapsedMs(), spentMs });
    return { outcome: settle(passage, { carry: after, ...image, ...readEnding(answer, options.task) }) };
  } catch (thrown) {
    if (context.signal.aborted) return { outcome: { handBack: { reason: 'HOST_BUSY' }, carry } };
    return afterFailure({ passage, image, carry, error: toVisionError(thrown), ms: elapsedMs(), spentMs });
  }
}

interface FailedTry {
  readonly passage: Passage;
  readonly image: Image;
  readonly carry: Carry;
  readonly error: VisionError;
  readonly ms: number;
  readonly spentMs: number;
}

function afterFailure(failed: FailedTry): Step {
  const { passage, image, error, ms, spentMs } = failed;
  const { host, attempts, othersAnswer } = passage.options;
  const others = othersAnswer([...failed.carry.avoidHosts, host]);
  const next = nextStep(error, failed.carry, { host, attempts, othersAnswer: others, ms, spentMs });
  if (next.step === 'leave') return { outcome: { leave: next.failure } };
  if (next.step === 'stop') return { outcome: { stop: next.failure } };
  const carry = withBest(next.carry, error.partialText);
  if (next.step === 'again') return { again: carry };
  if (next.step === 'handBack') {
    const avoid = next.avoidHost ? { avoidHost: host } : {};
    return { outcome: { handBack: { reason: error.code, ...avoid }, carry } };
  }
  const ending: Ending = { failure: next.failure, text: carry.best ?? null, answer: null };
  return { outcome: settle(passage, { carry, ...image, ending }) };
}

/** What a complete stream amounts to: only the task can say whether it is an answer. */
function readEnding(answer: ModelAnswer, task: TaskDefinition): { ending: Ending; warnings: readonly string[] } {
  const reading = task.readAnswer(answer);
  if ('failure' in reading) {
    return { ending: { failure: reading.failure, text: reading.text, answer }, warnings: reading.warnings };
  }
  return { ending: { status: reading.status, text: reading.text, answer }, warnings: reading.warnings };
}

interface Settlement {
  readonly carry: Carry;
  readonly source: SourceBytes | null;
  readonly prepared: Prepared | null;
  readonly ending: Ending;
  readonly warnings?: readonly string[];
}

function settle(passage: Passage, settlement: Settlement): Outcome {
  const { job, options } = passage;
  const { carry, source, prepared } = settlement;
  const facts: RecordFacts = {
    key: job.key,
    sources: job.sources,
    page: job.page,
    pages: null,
    ...(job.vars === undefined ? {} : { row: job.vars }),
    host: carry.attempts.at(-1)?.host ?? null,
    attempts: carry.attempts.length,
    image: prepared === null ? null : sentImage(prepared),
    sourceBytes: source?.size ?? null,
    sourceMtimeMs: source?.mtimeMs ?? null,
    queuedMs: passage.context.queuedMs,
    totalMs: passage.elapsedMs(),
    finishedMs: Date.now(),
    warnings: [...(prepared?.warnings ?? []), ...(settlement.warnings ?? [])],
  };
  return { record: outcomeRecord(options.record, facts, settlement.ending), attempts: carry.attempts };
}

function requestFor(prepared: Prepared, options: VisionWorkerOptions): ModelRequest {
  const { ask } = options.record;
  return {
    model: ask.model,
    system: ask.system,
    prompt: ask.prompt,
    images: [prepared.image],
    imagePlacement: options.imagePlacement,
    lang: ask.lang,
    schema: ask.schema,
    options: ask.options,
    numCtx: options.numCtx,
  };
}

function sentImage(prepared: Prepared): SentImage {
  return {
    sha256: prepared.sha256,
    width: prepared.width,
    height: prepared.height,
    sent_width: prepared.image.width,
    sent_height: prepared.image.height,
    sent_bytes: prepared.image.bytes.length,
  };
}

/** Whole milliseconds from here on, whatever becomes of the time of day. */
function stopwatch(): () => number {
  const startedMs = performance.now();
  return () => Math.round(performance.now() - startedMs);
}

function firstSource(job: VisionJob): VisionJob['sources'][number] {
  const [source] = job.sources;
  if (source === undefined) throw new VisionError('UNEXPECTED', 'The job names no source.');
  return source;
}

function withBest(carry: Carry, partial: string | undefined): Carry {
  if (partial === undefined || partial.length <= (carry.best?.length ?? 0)) return carry;
  return { ...carry, best: partial };
}
