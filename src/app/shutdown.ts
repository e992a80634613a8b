import { EXIT, type ExitCode } from '../core/exit.js';

/** Why a command stops before its end. */
export type StopCause = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | '--for' | '--until' | 'stop';

/** How long what is in hand may take after SIGTERM: service managers kill soon after. */
const TERM_DRAIN_MS = 8_000;

export interface ShutdownOptions {
  /**
   * Whether the process's signals stop the command. They are a program's own where it uses the library.
   *
   * @defaultValue true
   */
  readonly handlesSignals?: boolean;
  /** Stops after this time, as Ctrl-C does; null for never. */
  readonly forMs: number | null;
  /** Stops at this time of day on this machine's clock, as Ctrl-C does; null for never. */
  readonly until: { readonly hour: number; readonly minute: number } | null;
  /** How long what is in hand may take after the first signal. */
  readonly drainTimeoutMs: number;
  /**
   * What SIGHUP means where it is no stop, as for a daemon that reads its files again.
   *
   * @defaultValue a stop
   */
  readonly onHangup?: () => void;
  /** Told at each stage. */
  readonly onStop: (cause: StopCause, stage: 'drain' | 'abort') => void;
}

/**
 * Two-stage stop. The first signal drains: nothing new is taken, what is in hand ends, up to a deadline. The second, or
 * the deadline, aborts. A third ends the process at once.
 */
export class Shutdown {
  readonly #options: ShutdownOptions;
  readonly #drain = new AbortController();
  readonly #abort = new AbortController();
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #listeners: (readonly [NodeJS.Signals, () => void])[];
  #cause: StopCause | null = null;

  constructor(options: ShutdownOptions) {
    this.#options = options;
    const signals = options.handlesSignals === false ? [] : (['SIGINT', 'SIGTERM', 'SIGHUP'] as const);
    const { onHangup } = options;
    this.#listeners = signals.map((signal) => {
      const isHangup = signal === 'SIGHUP' && onHangup !== undefined;
      return [signal, isHangup ? onHangup : () => this.#step(signal)] as const;
    });
    for (const [signal, listener] of this.#listeners) process.on(signal, listener);
    if (options.forMs !== null) this.#after(options.forMs, '--for');
    if (options.until !== null) this.#after(msUntil(options.until, new Date()), '--until');
  }

  /** Fires at the first stage. */
  get draining(): AbortSignal {
    return this.#drain.signal;
  }

  /** Fires at the second stage. */
  get aborting(): AbortSignal {
    return this.#abort.signal;
  }

  /** The exit code of a command that was stopped, or null where it was not. */
  get exitCode(): ExitCode | null {
    if (this.#cause === null) return null;
    return this.#cause === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted;
  }

  /** Begins to stop as the first Ctrl-C does; once it has begun, this does nothing. */
  stop(): void {
    if (!this.#drain.signal.aborted) this.#step('stop');
  }

  close(): void {
    for (const [signal, listener] of this.#listeners) process.off(signal, listener);
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #step(cause: StopCause): void {
    if (this.#abort.signal.aborted) process.exit(this.exitCode ?? EXIT.interrupted);
    if (this.#drain.signal.aborted) {
      this.#abortNow(cause);
      return;
    }
    this.#cause = cause;
    this.#options.onStop(cause, 'drain');
    this.#drain.abort();
    const drainMs =
      cause === 'SIGTERM' ? Math.min(TERM_DRAIN_MS, this.#options.drainTimeoutMs) : this.#options.drainTimeoutMs;
    this.#timers.push(setTimeout(() => this.#abortNow(cause), drainMs));
  }

  #abortNow(cause: StopCause): void {
    if (this.#abort.signal.aborted) return;
    this.#options.onStop(cause, 'abort');
    this.#abort.abort();
  }

  #after(ms: number, cause: StopCause): void {
    const startMs = Date.now();
    const timer = setInterval(
      () => {
        if (Date.now() - startMs < ms) return; // setTimeout ends at 24.8 days
        clearInterval(timer);
        if (!this.#drain.signal.aborted) this.#step(cause);
      },
      Math.max(1, Math.min(ms, 1_000)),
    );
    this.#timers.push(timer);
  }
}

/** Milliseconds until the next time a day's clock shows this time. */
export function msUntil(time: { readonly hour: number; readonly minute: number }, now: Date): number {
  const at = new Date(now);
  at.setHours(time.hour, time.minute, 0, 0);
  if (at.getTime() <= now.getTime()) at.setDate(at.getDate() + 1);
  return at.getTime() - now.getTime();
}
