import type { JobContext } from '../../jobs/queue.js';
import { type Carry, FRESH_CARRY, type Outcome, type VisionJob } from '../../jobs/vision-job.js';
import { type Failure, VisionError } from '../../src/core/errors.js';
import type { AskHost, HostAsker } from './asker.js';
import { InHand } from './in-hand.js';
import type { HostLaneOptions } from './lane-options.js';

export interface LaneJobsOptions extends Pick<HostLaneOptions, 'serveItem' | 'othersAnswer'> {
  readonly host: string;
  readonly asker: Pick<HostAsker, 'ask'>;
  readonly digest: () => string | null;
  /** Whether the host may be sent a request now. */
  readonly maySend: () => boolean;
  readonly onStop: (failure: Failure) => void;
  /** Told where a job cannot be done on this machine, such as without the storage that its images are in. */
  readonly onLeave: (failure: Failure) => void;
}

/**
 * How long a job waits that came to the host it avoids, in milliseconds: not long, as another host is there, and widely
 * spread, as two jobs that avoid one host each would else come back in turns, each to the host that it avoids.
 */
const avoidedMs = (): number => 250 + Math.round(1_000 * Math.random());

/** How long a job waits that was withdrawn for an idle host, in milliseconds: that one takes it at once. */
const WITHDRAWN_MS = 10;

/** What a lane does with the jobs that it takes. */
export class LaneJobs {
  readonly inHand = new InHand();
  readonly #options: LaneJobsOptions;
  #done = 0;
  #failed = 0;

  constructor(options: LaneJobsOptions) {
    this.#options = options;
  }

  get counts(): { readonly done: number; readonly failed: number } {
    return { done: this.#done, failed: this.#failed };
  }

  async serve(job: VisionJob, context: JobContext): Promise<Outcome> {
    const carry = job.carry ?? FRESH_CARRY;
    const { digest, host, maySend, othersAnswer, serveItem } = this.#options;
    if (!maySend()) return busy(carry);
    if (carry.avoidHosts.includes(host) && othersAnswer([...carry.avoidHosts, host])) {
      return { handBack: { reason: 'HOST_BUSY', avoidHost: host, delayMs: avoidedMs() }, carry };
    }
    const taken = this.inHand.take(context);
    const takenWith = digest();
    const progress = { onSent: () => taken.send(), onBegun: () => taken.begin() };
    const askHost: AskHost = async (request, limits) => {
      const answer = await this.#options.asker.ask(request, limits, progress);
      if (digest() !== takenWith) throw replaced(host);
      return answer;
    };
    try {
      const outcome = await serveItem(job, taken.context, { digest: takenWith, askHost });
      if (taken.isWithdrawn && 'handBack' in outcome) {
        return { ...outcome, handBack: { ...outcome.handBack, delayMs: WITHDRAWN_MS } };
      }
      if (!context.signal.aborted) this.#count(outcome);
      return outcome;
    } finally {
      taken.leave();
    }
  }

  #count(outcome: Outcome): void {
    if ('stop' in outcome) this.#options.onStop(outcome.stop);
    if ('leave' in outcome) this.#options.onLeave(outcome.leave);
    if (!('record' in outcome)) return;
    if (outcome.record.error === null) this.#done += 1;
    else this.#failed += 1;
  }
}

/** Which of the two models answered is not known, and a row names one. */
function replaced(host: string): VisionError {
  const sentence = `${host} was found with another version of the model while it was at work on this.`;
  return new VisionError('HOST_CRASHED', sentence, { blameless: true });
}

function busy(carry: Carry): Outcome {
  return { handBack: { reason: 'HOST_BUSY' }, carry };
}
