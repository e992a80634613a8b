import type { JobContext } from '../../jobs/queue.js';
import { Latch } from './latch.js';

/** A job that a lane has taken. */
export interface TakenJob {
  /** The job's own context; its signal fires too when the job is withdrawn. */
  readonly context: JobContext;
  /** Whether it was withdrawn for an idle host. */
  readonly isWithdrawn: boolean;
  /** It was sent to the host: only an idle one is better than this one now. */
  send(): void;
  /** The host may be at work on it from now on: it stays. */
  begin(): void;
  /** It is in nobody's hand here any more. */
  leave(): void;
}

interface Entry {
  wasSent: boolean;
  hasBegun: boolean;
  isGivenUp: boolean;
  readonly withdraw: () => void;
}

/** The jobs that a lane has in hand, those that are still read, decoded or sent ahead too. */
export class InHand {
  readonly #entries = new Set<Entry>();
  #empty: Latch | undefined;

  get size(): number {
    return this.#entries.size;
  }

  /** How many stay: what was given up may still be read or decoded for a while. */
  get staying(): number {
    return [...this.#entries].filter(({ isGivenUp }) => !isGivenUp).length;
  }

  take({ signal, queuedMs }: JobContext): TakenJob {
    const ending = new AbortController();
    const abort = () => ending.abort(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    const entry: Entry = {
      wasSent: false,
      hasBegun: false,
      isGivenUp: false,
      withdraw: () => ending.abort(new Error('The job goes back to the queue')),
    };
    this.#entries.add(entry);
    return {
      context: { signal: ending.signal, queuedMs },
      get isWithdrawn() {
        return entry.isGivenUp;
      },
      send: () => {
        entry.wasSent = true;
      },
      begin: () => {
        entry.hasBegun = true;
      },
      leave: () => {
        signal.removeEventListener('abort', abort);
        this.#entries.delete(entry);
        if (this.#entries.size === 0) this.#empty?.open();
      },
    };
  }

  /** Waits until nothing is in hand. */
  async drained(): Promise<void> {
    if (this.#entries.size === 0) return;
    this.#empty = new Latch();
    await this.#empty.opened;
  }

  /** Gives up the job that was taken last and has not begun; tells whether there was one. */
  withdrawLast(): boolean {
    const last = [...this.#entries].findLast(mayBeGivenUp);
    if (last === undefined) return false;
    giveUp(last);
    return true;
  }

  /** Gives up every job that was not sent yet, but for those among the first `kept`. */
  withdrawUnsent(kept = 0): void {
    for (const entry of [...this.#entries].slice(kept)) if (mayBeGivenUp(entry) && !entry.wasSent) giveUp(entry);
  }
}

function mayBeGivenUp({ hasBegun, isGivenUp }: Entry): boolean {
  return !hasBegun && !isGivenUp;
}

function giveUp(entry: Entry): void {
  entry.isGivenUp = true;
  entry.withdraw();
}
