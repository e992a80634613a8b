import type { JobContext } from '../../jobs/queue.js';
import { Latch } from './latch.js';

/** A job that a lane has taken. */
export interface TakenJob {
  /** The job's own context; its signal fires too when the job is withdrawn. */
  readonly context: JobContext;
  /** Whether it was withdrawn for an idle host. */
  readonly isWithdrawn: boolean;
  /** The host may be at work on it from now on: it stays. */
  begin(): void;
  /** It is in nobody's hand here any more. */
  leave(): void;
}

interface Entry {
  hasBegun: boolean;
  readonly withdraw: () => void;
}

/** The jobs that a lane has in hand, those that are still read, decoded or sent ahead too. */
export class InHand {
  readonly #entries = new Set<Entry>();
  #empty: Latch | undefined;

  get size(): number {
    return this.#entries.size;
  }

  take({ signal, queuedMs }: JobContext): TakenJob {
    const ending = new AbortController();
    const abort = () => ending.abort(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    let isWithdrawn = false;
    const entry: Entry = {
      hasBegun: false,
      withdraw: () => {
        isWithdrawn = true;
        ending.abort(new Error('Another host is idle'));
      },
    };
    this.#entries.add(entry);
    return {
      context: { signal: ending.signal, queuedMs },
      get isWithdrawn() {
        return isWithdrawn;
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
    const last = [...this.#entries].findLast(({ hasBegun }) => !hasBegun);
    if (last === undefined) return false;
    last.hasBegun = true; // not twice
    last.withdraw();
    return true;
  }
}
