import type { Fleet, RunEntry } from '../../../jobs/fleet.js';
import type { Queue } from '../../../jobs/queue.js';
import type { Check } from '../../../jobs/schema/validator.js';
import { type AnswerRulesOf, answerRules } from '../../../jobs/tasks/reading.js';
import { HostLane } from '../../../workers/hosts/lane.js';
import type { LaneTimes, ServeItem } from '../../../workers/hosts/lane-options.js';
import type { SlotMemory } from '../../../workers/hosts/readiness.js';
import type { ItemReaders } from '../../../workers/item-images.js';
import type { VerifyText } from '../../../workers/verifier.js';
import { serveItem } from '../../../workers/vision-worker.js';
import type { Ask } from '../../core/ask.js';
import type { Failure } from '../../core/errors.js';
import type { JsonSchema } from '../../core/json-schema.js';
import type { Logger } from '../../core/telling.js';
import type { Engine } from '../../engines/engine.js';
import type { Pixels } from '../../pixels/prepare.js';
import type { ServedHost } from '../hosts.js';
import type { Identity } from '../identity.js';
import { verifySlots } from '../parts.js';
import { preflightFor } from '../preflight.js';
import type { ModelPulls } from '../pulls.js';

/** What the lanes of a run have in common. */
export interface RunLaneOptions {
  readonly run: RunEntry;
  readonly ask: Ask;
  readonly queue: Queue;
  readonly fleet: Fleet;
  /** Whether lanes of other processes may serve the run. */
  readonly shared: boolean;
  readonly identity: Identity;
  readonly readers: ItemReaders;
  readonly pixels: Pixels;
  /** Validates data in place of the ask's own schema, where the user's schema says more than JSON Schema can; or null. */
  readonly check: Check | null;
  /** Reads what was read a second time; null where nobody asked for it. */
  readonly verify: VerifyText | null;
  /** Brings the model onto hosts that lack it; null where nobody asked for that. */
  readonly pulls: ModelPulls | null;
  /** What would fit into a context of so many tokens, in words for people; null where all does. */
  readonly contextAdvice: (contextTokens: number) => string | null;
  /** Told, before a host serves, of the digest that the run is pinned to and of the one that the host serves with. */
  readonly onDigest: (digests: { readonly pinned: string; readonly served: string }) => Promise<void>;
  /** What was found of hosts before. */
  readonly slotMemory: SlotMemory;
  /** Told of every item a lane takes in hand. */
  readonly onTaken: (key: string) => void;
  /** Told of every item that a lane gives back without a record: it is in nobody's hand until it is taken again. */
  readonly onGivenBack: (key: string) => void;
  readonly onStop: (failure: Failure) => void;
  readonly logger: Logger;
  readonly times?: LaneTimes;
}

/** What a lane knows of the others, of this process and elsewhere. */
export interface OtherLanes {
  /** Whether a live host answers that is none of these. */
  othersAnswer(thanHosts: readonly string[]): boolean;
  /** Slots of a host as another process, which is at work there, has found them. */
  slotsElsewhere(host: string): number | null;
}

/** What a host has to load for a run: for another context it loads the same model anew, as it does for another model. */
function loadedFor({ limits, model }: RunEntry): string | null {
  return model === null ? null : `${model} (num_ctx ${limits.numCtx})`;
}

/** Makes the lanes of a run. */
export class RunLanes {
  readonly #options: RunLaneOptions;
  readonly #others: OtherLanes;
  readonly #rulesOf: AnswerRulesOf;

  constructor(options: RunLaneOptions, others: OtherLanes) {
    this.#options = options;
    this.#others = others;
    this.#rulesOf = answerRules(options.ask, options.check);
  }

  lane(host: ServedHost): HostLane {
    const { run, fleet, identity, logger, onStop, pulls, queue, shared, slotMemory, times } = this.#options;
    const name = `${host.engine.host}@${identity.name}`;
    const { priority, runId, startedMs } = run;
    const claimant = { host: host.engine.host, holder: name, runId, startedMs, priority, model: loadedFor(run) };
    return new HostLane({
      name,
      engine: host.engine,
      slots: host.slots,
      slotMemory,
      slotsElsewhere: () => this.#others.slotsElsewhere(host.engine.host),
      sharing: shared ? { fleet, claimant } : null,
      ahead: host.ahead,
      verifying: this.#options.verify === null ? 0 : verifySlots(),
      model: run.model,
      schema: this.#sharedSchema(),
      contextAdvice: this.#options.contextAdvice,
      limits: run.limits,
      queue,
      serveItem: this.#serveItem(host),
      preflight: (signal) => preflightFor({ run, engine: host.engine, pulls }, signal),
      pinDigest: (digest) => this.#pin(host.engine, digest),
      othersAnswer: (hosts) => this.#others.othersAnswer(hosts),
      onStop,
      logger,
      ...(times === undefined ? {} : { times }),
    });
  }

  /** The digest that the host's rows have: the run's, or where hosts may differ its own. */
  async #pin({ host }: Engine, digest: string): Promise<string> {
    const { fleet, logger, onDigest, run } = this.#options;
    const pinned = await fleet.pinDigest(run.runId, digest);
    const served = run.limits.allowMixed ? digest : pinned;
    await onDigest({ pinned, served });
    if (served !== pinned) {
      const [theirs, ours] = [served, pinned].map((each) => each.slice(0, 12));
      logger.warn(
        `${host}: its model has digest ${theirs}, the run began with ${ours}; model_digest says it of each row`,
      );
    }
    return served;
  }

  #serveItem({ engine }: ServedHost): ServeItem {
    const { run, ask, pixels, readers, verify, onGivenBack, onTaken } = this.#options;
    return async (job, context, { digest, askHost }) => {
      onTaken(job.key);
      const outcome = await serveItem(job, context, {
        record: { ask, fingerprint: job.ask, digest },
        rulesOf: this.#rulesOf,
        host: engine.host,
        attempts: run.limits.attempts,
        itemMs: run.limits.budgets.itemMs,
        numCtx: run.limits.numCtx,
        wantsConfidence: run.limits.wantsConfidence,
        ...readers,
        pixels,
        askHost,
        verify,
        othersAnswer: (hosts) => this.#others.othersAnswer(hosts),
      });
      if (!('record' in outcome)) onGivenBack(job.key);
      return outcome;
    };
  }

  /** What every answer of the run has to fit; null where none is wanted, or every row lists its own labels. */
  #sharedSchema(): JsonSchema | null {
    const { ask } = this.#options;
    return ask.form.kind === 'labels' && ask.form.labelsFrom !== undefined ? null : this.#rulesOf(ask).schema;
  }
}
