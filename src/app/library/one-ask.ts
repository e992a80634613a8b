import { setTimeout as sleep } from 'node:timers/promises';
import { HAND_BACK_DEFAULTS } from '../../../jobs/queue.js';
import { answerRules } from '../../../jobs/tasks/reading.js';
import { FRESH_CARRY, type Outcome, type VisionJob, visionJob } from '../../../jobs/vision-job.js';
import { HostAsker } from '../../../workers/hosts/asker.js';
import { holdOfOwnHost } from '../../../workers/hosts/hold.js';
import { HOST_WATCH_DEFAULTS } from '../../../workers/hosts/watch.js';
import { serveItem, type VisionWorkerOptions } from '../../../workers/vision-worker.js';
import type { Ask, ChatTurn } from '../../core/ask.js';
import { type Failure, isSilence, VisionError } from '../../core/errors.js';
import { fingerprint } from '../../core/fingerprint.js';
import type { VisionRecord } from '../../core/record.js';
import type { ModelProfile } from '../../engines/profiles/profile.js';
import { loadProfiles } from '../definitions/load-profiles.js';
import type { ServedHost } from '../hosts.js';
import { openPixels } from '../pixels.js';
import type { Resources } from '../resources.js';
import { newAsk } from '../run/ask.js';
import { chooseModel } from '../run/choose-model.js';
import { contextAdvice, contextFor } from '../run/context.js';
import type { Definition } from '../run/definition.js';
import { limitsOf } from '../run/limits.js';
import { modelProfile } from '../run/model-profile.js';
import { usageError } from './errors.js';
import { chosenPage } from './one-page.js';
import type { OpenSources } from './one-source.js';

/** A question about images, and who is asked. */
export interface OneAsk {
  readonly definition: Definition;
  readonly host: ServedHost;
  /** What was said before. */
  readonly history: readonly ChatTurn[];
  readonly sources: OpenSources;
  readonly signal: AbortSignal;
  readonly cwd: string;
}

/** What was asked, and what came of it. */
export interface Answered {
  readonly ask: Ask;
  readonly job: VisionJob;
  readonly record: VisionRecord;
}

/** The run that a single question is of: it has none. */
const NO_RUN = 'one';

/** Asks one host once, by the way that an item of a run goes. Throws ExitError, VisionError, or the signal's reason. */
export async function askOnce(one: OneAsk, resources: Resources): Promise<Answered> {
  const { cwd, definition, history, host, signal, sources } = one;
  const { settings } = definition;
  const pixels = await openPixels(settings, cwd, resources);
  const page = await chosenPage({ ranges: settings.pages, sources, pixels, signal });
  const { model, profile } = await modelOf(one);
  const ask = newAsk({ engine: host.engine.name, model, profile }, definition);
  refuseSeveral(ask, sources.refs.length);
  const need = profile === null ? null : { ask: withHistory(ask, history), profile, images: sources.refs.length };
  const limits = limitsOf(settings, settings.numCtx ?? (need === null ? 0 : contextFor(need)));
  const advice = (tokens: number) => (need === null ? null : contextAdvice(need, tokens));
  const { loadMs: loadTimeoutMs } = limits.budgets;
  const facts = await host.engine.preload({ model, numCtx: limits.numCtx, loadTimeoutMs, signal, advice });
  const { slots, ahead } = host;
  const asker = new HostAsker({
    engine: host.engine,
    room: { slots: slots ?? 1, ahead },
    breaker: { pass: (send) => send() }, // there is no lane that would look at the host again
    budgets: limits.budgets,
    watch: HOST_WATCH_DEFAULTS,
    onAnswer: async () => {},
    mayOpen: () => true,
    hold: async () => holdOfOwnHost(),
  });
  resources.defer(() => asker.close());
  const print = fingerprint(ask);
  const job = visionJob(NO_RUN, print, { key: sources.names.join(' + '), sources: sources.refs, ...page });
  const record = await served(job, signal, {
    record: { ask, fingerprint: print, digest: facts.digest },
    history,
    rulesOf: answerRules(ask, definition.check),
    host: host.engine.host,
    attempts: limits.attempts,
    itemMs: limits.budgets.itemMs,
    numCtx: limits.numCtx,
    wantsConfidence: limits.wantsConfidence,
    open: sources.open,
    openPages: sources.open,
    pixels,
    askHost: (request, asked) => asker.ask(request, asked),
    verify: null,
    othersAnswer: () => false,
  });
  return { ask, job, record };
}

async function modelOf({ cwd, definition, host, signal }: OneAsk): Promise<{
  readonly model: string | null;
  readonly profile: ModelProfile | null;
}> {
  if (host.engine.name === 'cpu-ocr') return { model: null, profile: null };
  const { settings } = definition;
  const overrides = settings.profiles === null ? [] : await loadProfiles(settings.profiles, cwd);
  const model = settings.model ?? (await chooseModel([host], signal));
  return { model, profile: await modelProfile(model, { hosts: [host], overrides, signal }) };
}

function refuseSeveral({ engine, model, profile, stitch }: Ask, images: number): void {
  if (images <= profile.maxImages || stitch) return;
  const who = engine === 'cpu-ocr' ? 'the built-in OCR' : model;
  const fix = "Give another model, or `task: 'compare'` with `stitch: true`, which lays them on one canvas.";
  throw usageError(`Expected at most ${profile.maxImages} images for ${who}, got ${images}`, fix);
}

/** What was said before takes its room in the context as a system message of that length does. */
function withHistory(ask: Ask, history: readonly ChatTurn[]): Ask {
  return { ...ask, system: [ask.system ?? '', ...history.map(({ text }) => text)].join('\n') };
}

/** Serves the job until it has a record, again and again where a host is busy or has crashed, within the item's time. */
async function served(job: VisionJob, signal: AbortSignal, options: VisionWorkerOptions): Promise<VisionRecord> {
  const endMs = performance.now() + options.itemMs;
  let carry = FRESH_CARRY;
  for (let waitMs = HAND_BACK_DEFAULTS.firstMs; ; waitMs = Math.min(2 * waitMs, HAND_BACK_DEFAULTS.mostMs)) {
    const outcome = await serveItem({ ...job, carry }, { signal, queuedMs: 0 }, options);
    if ('record' in outcome) return outcome.record;
    signal.throwIfAborted();
    const failure = failureOf(outcome, options.host);
    if (!('handBack' in outcome) || isSilence(failure.code) || performance.now() + waitMs > endMs) {
      throw new VisionError(failure.code, failure.message);
    }
    carry = outcome.carry;
    await sleep(waitMs, undefined, { signal });
  }
}

function failureOf(outcome: Exclude<Outcome, { readonly record: VisionRecord }>, host: string): Failure {
  if ('leave' in outcome) return outcome.leave;
  if ('stop' in outcome) return outcome.stop;
  const { reason } = outcome.handBack;
  return { code: reason, message: `${host} did not answer as it should (${reason}).` };
}
