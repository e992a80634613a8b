import type { RunEntry } from '../../jobs/fleet.js';
import { VisionError } from '../core/errors.js';
import type { Engine, HostFacts } from '../engines/engine.js';
import type { ModelPulls } from './pulls.js';

export interface PreflightOptions {
  readonly run: Pick<RunEntry, 'model' | 'limits'>;
  readonly engine: Engine;
  /** Null where models are not pulled. */
  readonly pulls: ModelPulls | null;
}

/** Looks at a host for a run: it has the model, or pulls it, and may answer with it. Throws HOST_*, MODEL_*. */
export async function preflightFor({ engine, pulls, run }: PreflightOptions, signal: AbortSignal): Promise<HostFacts> {
  const { limits, model } = run;
  if (pulls !== null && model !== null) await pulls.ensure(engine, { model, signal });
  const facts = await engine.preflight(model, signal);
  if (facts.remote === null || limits.allowRemote) return facts;
  throw new VisionError(
    'MODEL_MISSING',
    `${model} is not on ${engine.host} itself, but at ${facts.remote}, and the run does not let images leave its hosts.`,
    { fix: 'Start the run with --allow-remote, or pull a model that runs on the host.' },
  );
}
