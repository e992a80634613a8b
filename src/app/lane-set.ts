import type { Fleet, RunEntry } from '../../jobs/fleet.js';
import { REWRITE_MS } from '../../jobs/fleet.js';
import type { Queue } from '../../jobs/queue.js';
import type { Check } from '../../jobs/schema/validator.js';
import { type AnswerRulesOf, answerRules } from '../../jobs/tasks/reading.js';
import { HostLane } from '../../workers/hosts/lane.js';
import type { LaneTimes, ServeItem } from '../../workers/hosts/lane-options.js';
import type { SlotMemory } from '../../workers/hosts/readiness.js';
import type { ItemReaders } from '../../workers/item-images.js';
import type { VerifyText } from '../../workers/verifier.js';
import { serveItem } from '../../workers/vision-worker.js';
import type { Ask } from '../core/ask.js';
import { FAILURES, type Failure, messageOf } from '../core/errors.js';
import type { JsonSchema } from '../core/json-schema.js';
import { isAsleep, type SleepWindow, wakesInMs } from '../core/sleep.js';
import type { LaneStatus, Logger } from '../core/telling.js';
import type { Engine } from '../engines/engine.js';
import type { Pixels } from '../pixels/prepare.js';
import { verifySlots } from './parts.js';
import { preflightFor } from './preflight.js';
import type { ModelPulls } from './pulls.js';

/** A host as this process serves it. */
export interface ServedHost {
  readonly engine: Engine;
  /** Null: the host is asked how many stream at once. */
  readonly slots: number | null;
  readonly ahead: number;
  /** When it is left alone. */
  readonly sleep: readonly SleepWindow[];
}

/** Who this process is, as other processes see it. */
export interface Identity {
  readonly machine: string;
  readonly pid: number;
  readonly version: string;
}

export interface LaneSetOptions {
  readonly hosts: readonly ServedHost[];
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

/** How often the other processes' lanes are looked at. */
const LOOK_MS = 2_000;
/** How often it is looked whether items wait, which decides what is sent ahead: in this process, and on Redis. */
const BALANCE_MS = 100;
const BALANCE_SHARED_MS = 1_000;

/** The lanes of one run in this process. Tells the fleet of them, and knows the lanes of other processes. */
export class LaneSet {
  readonly #options: LaneSetOptions;
  readonly #rulesOf: AnswerRulesOf;
  readonly #lanes: readonly HostLane[];
  #elsewhere: readonly LaneStatus[] = [];
  #timers: NodeJS.Timeout[] = [];
  #closed = false;

  constructor(options: LaneSetOptions) {
    this.#options = options;
    this.#rulesOf = answerRules(options.ask, options.check);
    this.#lanes = options.hosts.map((host) => this.#lane(host));
  }

  /** Resolves when every host was looked at once, whatever came of it. */
  async start(): Promise<void> {
    const write = () => this.#tell(this.#write());
    const look = () => this.#tell(this.#look());
    const balance = () => this.#tell(this.#balance());
    const balanceMs = this.#options.shared ? BALANCE_SHARED_MS : BALANCE_MS;
    this.#timers = [setInterval(write, REWRITE_MS), setInterval(look, LOOK_MS), setInterval(balance, balanceMs)];
    await this.#look();
    await Promise.all(this.#lanes.map((lane) => lane.start()));
    if (!this.#closed) await this.#write();
  }

  /** Items that this process has in hand. */
  get inHand(): number {
    return this.#lanes.reduce((sum, lane) => sum + lane.inHand, 0);
  }

  /** Lanes of this process. */
  own(): readonly LaneStatus[] {
    const { identity } = this.#options;
    return this.#lanes.map((lane) => {
      const { state, trouble, slots, hostSlots, busy, done, failed } = lane.figures;
      return {
        lane: lane.name,
        host: lane.host,
        ...identity,
        slots,
        hostSlots,
        busy,
        done,
        failed,
        state,
        code: trouble?.code ?? null,
        reason: trouble?.message ?? null,
        atMs: Date.now(),
      };
    });
  }

  /** Lanes of all processes, as last seen. */
  all(): readonly LaneStatus[] {
    return [...this.own(), ...this.#elsewhere];
  }

  /** Takes nothing new. */
  async pause(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.pause()));
  }

  /** Puts lanes out of the run whose worker cannot see its files. */
  async expel(names: readonly string[]): Promise<void> {
    const blind = this.#lanes.filter((lane) => names.includes(lane.name) && lane.figures.state !== 'left');
    const failure = {
      code: 'IMAGE_FORBIDDEN',
      message: "This worker cannot see the run's files. Mount them, or give --root NAME=PATH.",
    } as const;
    await Promise.all(blind.map((lane) => lane.leave(failure)));
  }

  async close(options: { readonly abort?: boolean } = {}): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all(this.#lanes.map((lane) => lane.close(options)));
    const { fleet, run } = this.#options;
    const gone = this.#lanes.filter((lane) => lane.figures.state !== 'left'); // why a lane left is for the coordinator to read
    await Promise.all(gone.map((lane) => fleet.removeLane(run.runId, lane.name)));
  }

  #lane(host: ServedHost): HostLane {
    const { run, fleet, identity, logger, onStop, pulls, queue, shared, slotMemory, times } = this.#options;
    const name = `${host.engine.host}@${identity.machine}:${identity.pid}`;
    const { model, priority, runId, startedMs } = run;
    const claimant = { host: host.engine.host, holder: name, runId, startedMs, priority, model };
    return new HostLane({
      name,
      engine: host.engine,
      slots: host.slots,
      slotMemory,
      slotsElsewhere: () => this.#slotsElsewhere(host.engine.host),
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
      othersAnswer: (hosts) => this.#othersAnswer(hosts),
      onStop: (failure) => {
        this.#tell(this.#write());
        onStop(failure);
      },
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
        othersAnswer: (hosts) => this.#othersAnswer(hosts),
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

  #othersAnswer(thanHosts: readonly string[]): boolean {
    return this.all().some((lane) => lane.state === 'serving' && !thanHosts.includes(lane.host));
  }

  /** Slots of a host as another process, which is at work there, has found them. */
  #slotsElsewhere(host: string): number | null {
    return this.#elsewhere.find((lane) => lane.host === host && lane.state === 'serving')?.hostSlots ?? null;
  }

  async #write(): Promise<void> {
    const { fleet, run } = this.#options;
    await Promise.all(this.own().map((lane) => fleet.writeLane(run.runId, lane)));
  }

  async #look(): Promise<void> {
    const { fleet, hosts, run } = this.#options;
    const drained = new Set((await fleet.hostOrders()).flatMap(({ order, url }) => (order === 'drain' ? [url] : [])));
    for (const [at, lane] of this.#lanes.entries()) {
      lane.rest(drained.has(lane.host) ? 'drained' : sleepOf(hosts[at]?.sleep ?? []));
    }
    const mine = new Set(this.#lanes.map((lane) => lane.name));
    this.#elsewhere = (await fleet.lanes(run.runId)).filter((lane) => !mine.has(lane.lane));
    for (const { code, reason } of this.#elsewhere) {
      if (code !== null && FAILURES[code] === 'stop') this.#options.onStop({ code, message: reason ?? code });
    }
  }

  /**
   * Requests are sent ahead while more items wait than all hosts have slots; at the end, what a host has not begun is
   * withdrawn for one that is idle.
   */
  async #balance(): Promise<void> {
    const { waiting } = await this.#options.queue.counts();
    const serving = this.all().filter(({ state }) => state === 'serving');
    const isLong = waiting > serving.reduce((sum, { slots }) => sum + slots, 0);
    for (const lane of this.#lanes) lane.noteWaiting(waiting, isLong);
    if (waiting > 0) return;
    const elsewhere = this.#elsewhere.filter(({ state }) => state === 'serving');
    const idle = [...this.#lanes.map((lane) => lane.idle), ...elsewhere.map(({ slots, busy }) => slots - busy)];
    let left = idle.reduce((sum, slots) => sum + slots, 0);
    for (const lane of this.#lanes) while (left > 0 && lane.withdraw()) left -= 1;
  }

  /** Telling the fleet may fail when Redis is let go of at the end; nothing depends on it. */
  #tell(telling: Promise<void>): void {
    telling.catch((error: unknown) => this.#options.logger.debug(`The fleet was not told: ${messageOf(error)}`));
  }
}

/** Until when a host sleeps, for people; null where it is awake. */
function sleepOf(windows: readonly SleepWindow[]): string | null {
  const now = new Date();
  if (!isAsleep(windows, now)) return null;
  const wakes = new Date(now.getTime() + wakesInMs(windows, now));
  const [hours, minutes] = [wakes.getHours(), wakes.getMinutes()].map((part) => String(part).padStart(2, '0'));
  return `asleep until ${hours}:${minutes}`;
}
