import { type CircuitBreakerPolicy, CircuitState, ConsecutiveBreaker, circuitBreaker, handleType } from 'cockatiel';
import { FAILURES, isSilence, toVisionError, VisionError } from '../../src/core/errors.js';

/** How long a host that is in trouble is left alone, in milliseconds. */
export interface BreakerTimes {
  /** Before the second look; the first one follows at once. */
  readonly firstMs: number;
  /** Between looks that find it answering, but not as it should: each costs it a real generation. Doubling up to this. */
  readonly mostMs: number;
  /** Between looks that find it well and questions that it fails at all the same. Doubling up to this. */
  readonly faultMs: number;
  /** Between looks at a host that cannot be reached: they cost nothing, and it is to be back soon after it answers. */
  readonly silentMs: number;
}

export const BREAKER_TIMES: BreakerTimes = { firstMs: 1_000, mostMs: 60_000, faultMs: 8_000, silentMs: 2_000 };

/** A failure that the host is to blame for. */
class HostFault extends Error {
  constructor(readonly failure: VisionError) {
    super(failure.message);
  }
}

/**
 * Stands between one host and our requests. The first fault of the host opens it, and its lane takes nothing more; what
 * the lane has in hand is still sent, as it costs no item anything and a host that stumbled once may answer. A look that
 * goes well closes it. Faults of items (400s, loops, bad answers) leave it as it is.
 */
export class HostBreaker {
  readonly #times: BreakerTimes;
  readonly #onOpen: (failure: VisionError) => void;
  /** Since the last look that went well: what fails of requests that were sent before it says nothing of the host now. */
  #policy: CircuitBreakerPolicy;
  /** Looks and requests that found trouble since the last answer. */
  #troubles = 0;
  #isWell = false;

  /** `onOpen` is called before the request or the look that found the trouble fails. */
  constructor(options: {
    readonly times: BreakerTimes;
    readonly onOpen: (failure: VisionError) => void;
  }) {
    this.#times = options.times;
    this.#onOpen = options.onOpen;
    this.#policy = this.#closed();
  }

  /** Whether a request has found trouble since the last look that went well. */
  get isOpen(): boolean {
    return this.#policy.state !== CircuitState.Closed;
  }

  /** Sends a request, and opens where the host fails at it. */
  async pass<T>(send: () => Promise<T>): Promise<T> {
    const policy = this.#policy;
    if (this.isOpen) return await send();
    try {
      return await policy.execute(async () => {
        try {
          return await send();
        } catch (thrown) {
          throw isHostFault(thrown) ? new HostFault(thrown) : thrown;
        }
      });
    } catch (thrown) {
      throw thrown instanceof HostFault ? thrown.failure : thrown;
    }
  }

  /** Looks at the host; whatever fails then is the host's fault. */
  async look<T>(look: () => Promise<T>): Promise<T> {
    this.#isWell = false;
    try {
      const found = await look();
      this.#isWell = true;
      this.#policy = this.#closed();
      return found;
    } catch (thrown) {
      const failure = toVisionError(thrown);
      this.#onOpen(failure);
      throw failure;
    }
  }

  /** The host has answered a question: what was before is forgotten. */
  forgive(): void {
    this.#troubles = 0;
  }

  /** Milliseconds before the next look at a host with this trouble. */
  waitMs({ code }: Pick<VisionError, 'code'>): number {
    const { faultMs, firstMs, mostMs, silentMs } = this.#times;
    const most = Math.min(isSilence(code) ? silentMs : mostMs, this.#isWell ? faultMs : mostMs);
    const isFirst = this.#troubles === 0 && code !== 'HOST_BUSY';
    const waitMs = isFirst ? 0 : Math.min(most, firstMs * 2 ** Math.max(0, this.#troubles - 1));
    this.#troubles += 1;
    return waitMs;
  }

  /** It never closes by itself: a look that goes well brings the next one. */
  #closed(): CircuitBreakerPolicy {
    const options = { breaker: new ConsecutiveBreaker(1), halfOpenAfter: Number.POSITIVE_INFINITY };
    const policy = circuitBreaker(handleType(HostFault), options);
    policy.onBreak((reason) => {
      if (policy !== this.#policy) return;
      if ('error' in reason && reason.error instanceof HostFault) this.#onOpen(reason.error.failure);
    });
    return policy;
  }
}

/** What the host is to blame for: it costs no item an attempt. */
function isHostFault(thrown: unknown): thrown is VisionError {
  if (!(thrown instanceof VisionError)) return false;
  const fate = FAILURES[thrown.code];
  return fate === 'requeue' || fate === 'leave';
}
