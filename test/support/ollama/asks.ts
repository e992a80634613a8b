import { AnswerWriter } from './answer.js';
import { type Catalogue, tagged } from './catalogue.js';
import type { Exchange } from './exchange.js';
import { liftImages } from './fast-body.js';
import type { Faults, Outcome } from './faults.js';
import { generate } from './generation.js';
import type { Meter } from './meter.js';
import { runnerSettings } from './model-options.js';
import type { ModelSpec, OllamaOptions } from './options.js';
import { renderedPrompt } from './prompt.js';
import { REFUSALS, Refusal } from './refusal.js';
import {
  type AskRequest,
  decodeAsk,
  decodeFields,
  decodeImage,
  type Endpoint,
  imagesOf,
  promptOf,
  withoutBytes,
} from './request.js';
import type { Lease, Scheduler } from './scheduler.js';

/** The parts of a host that serve requests. */
export interface HostParts {
  readonly options: OllamaOptions;
  readonly catalogue: Catalogue;
  readonly scheduler: Scheduler;
  readonly faults: Faults;
  readonly meter: Meter;
}

/** Serves `/api/chat` and `/api/generate`. Throws what is refused before scheduling; answers everything else. */
export async function serveAsk(host: HostParts, exchange: Exchange, endpoint: Endpoint): Promise<void> {
  const body = await exchange.body();
  const ask = decode(exchange, endpoint, { body, fast: host.options.fast });
  const isTrial = promptOf(ask).includes(host.options.trialPrompt);
  exchange.log.isTrial = isTrial;
  const outcome = ask.preload ? null : host.faults.pick(ask, isTrial);
  if (outcome !== null && turnedAway(exchange, ask, outcome)) return;
  const model = requireModel(host.catalogue, ask);
  expectCapable(ask, model);
  if (ask.preload && ask.keepAliveMs === 0) {
    host.scheduler.unload(model);
    exchange.json(200, new AnswerWriter(ask).preload('unload'));
    return;
  }
  const settings = runnerSettings(ask, model, host.options.defaultNumCtx);
  const { controller } = exchange;
  const lease = await host.scheduler.acquire({ model, settings, keepAliveMs: ask.keepAliveMs, controller });
  const leasedMs = performance.now();
  try {
    if (body.length > host.options.bodyCapBytes) throw REFUSALS.bodyTooLarge();
    await answer(host, { exchange, ask, lease, outcome });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    await exchange.refuse(error, { late: ask.stream });
  } finally {
    lease.release();
    if (isTrial) host.meter.discount(performance.now() - leasedMs); // no work of a run
  }
}

function decode(exchange: Exchange, endpoint: Endpoint, { body, fast }: { body: Buffer; fast: boolean }): AskRequest {
  const { text, images } = fast ? liftImages(body) : { text: body.toString('utf8'), images: [] };
  const fields = decodeFields(text, endpoint === 'chat' ? 'ChatRequest' : 'GenerateRequest');
  const ask = decodeAsk(endpoint, fields, (image) => images[Number(image)] ?? decodeImage(image));
  exchange.log.body = withoutBytes(fields, ask);
  return ask;
}

interface Answering {
  readonly exchange: Exchange;
  readonly ask: AskRequest;
  readonly lease: Lease;
  readonly outcome: Outcome | null;
}

async function answer({ options }: HostParts, { exchange, ask, lease, outcome }: Answering): Promise<void> {
  const { runner } = lease;
  if (ask.preload) return exchange.json(200, new AnswerWriter(ask).preload('load'));
  if (ask.debugRender) {
    const template = renderedPrompt(ask, runner.model);
    return exchange.json(200, new AnswerWriter(ask).debugRender(template, imagesOf(ask).length));
  }
  await generate({ exchange, ask, runner, options, outcome, loadMs: lease.readyMs - exchange.startedMs });
}

/** Outcomes that never reach the scheduler. */
function turnedAway(exchange: Exchange, ask: AskRequest, outcome: Outcome): boolean {
  switch (outcome.kind) {
    case 'busy':
      throw REFUSALS.queueFull();
    case 'model-missing':
      throw REFUSALS.modelUnknown(ask.model);
    case 'too-large':
      throw REFUSALS.bodyTooLarge();
    case 'forbidden':
      exchange.raw(403, '', {});
      return true;
    case 'endless-headers':
      exchange.raw(200, '', { 'X-Filler': 'x'.repeat(64 * 1024) });
      return true;
    case 'html':
      exchange.raw(outcome.status, `<html><body><h1>${outcome.status}</h1><hr>nginx</body></html>`, {
        'Content-Type': 'text/html',
      });
      return true;
    default:
      return false;
  }
}

function requireModel(catalogue: Catalogue, ask: AskRequest): ModelSpec {
  if (ask.model === '' && ask.endpoint === 'chat') throw REFUSALS.modelRequired();
  const model = catalogue.find(ask.model);
  if (model === undefined) throw REFUSALS.modelUnknown(ask.model);
  return model;
}

function expectCapable(ask: AskRequest, model: ModelSpec): void {
  const can = (capability: string) => model.capabilities.includes(capability);
  if (!can('completion')) throw REFUSALS.notSupported(ask.model, ask.endpoint);
  if (ask.tools && !can('tools')) throw REFUSALS.tools(tagged(model.name));
  const wantsThinking = ask.think !== null && ask.think !== false;
  if (wantsThinking && !can('thinking')) throw REFUSALS.notSupported(ask.model, 'thinking');
}
