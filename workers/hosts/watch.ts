import { VisionError } from '../../src/core/errors.js';

/** How long silence lasts before a host is doubted, and how it is asked whether it lives. */
export interface HostWatchOptions {
  /** Whether the host still answers anything. Never throws. */
  readonly probe: (signal: AbortSignal) => Promise<boolean>;
  /** A request without a new byte for this long makes its host be probed, and again as often while it stays silent. */
  readonly silentMs: number;
  /** How long a probe may take; one that takes longer is silent, and the next follows at once. */
  readonly probeMs: number;
  /** Probes without an answer after which the host counts as gone. */
  readonly silentProbes: number;
  /** Called when the host is gone: its requests are to be closed. */
  readonly onGone: () => void;
}

/** What bounds a look at a host that takes as long as it takes, such as for loading a model. */
export interface SilenceLimit extends Omit<HostWatchOptions, 'onGone'> {
  /** Named in the failure. */
  readonly host: string;
  /** Ends the look earlier; its reason is passed on. */
  readonly signal: AbortSignal;
}

/** Silence and probes as the contracts set them: a host without power costs 15 s. */
export const HOST_WATCH_DEFAULTS = { silentMs: 5_000, probeMs: 3_300, silentProbes: 3 } as const;

/** Watches the open requests of one host and notices when it has lost power: sockets open, silence. */
export class HostWatch {
  readonly #options: HostWatchOptions;
  readonly #lastByteMs = new Map<symbol, number>();
  readonly #closed = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #silentProbes = 0;

  constructor(options: HostWatchOptions) {
    this.#options = options;
  }

  /** Watches a request until the returned function is called; `onByte` is to be called with every byte of it. */
  watch(): { onByte(): void; done(): void } {
    const request = Symbol('request');
    this.#lastByteMs.set(request, performance.now());
    this.#arm();
    return {
      onByte: () => {
        if (this.#lastByteMs.has(request)) this.#lastByteMs.set(request, performance.now()); // late ones come after `done`
      },
      done: () => {
        this.#lastByteMs.delete(request);
        if (this.#lastByteMs.size === 0) this.#disarm();
      },
    };
  }

  close(): void {
    this.#disarm();
    this.#closed.abort();
  }

  #arm(): void {
    this.#timer ??= setTimeout(() => void this.#look(), this.#options.silentMs);
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#silentProbes = 0;
  }

  async #look(): Promise<void> {
    this.#timer = undefined;
    const alive = this.#silentInMs() > 0 || (await this.#probe());
    if (this.#closed.signal.aborted || this.#lastByteMs.size === 0) return;
    this.#silentProbes = alive ? 0 : this.#silentProbes + 1;
    if (this.#silentProbes >= this.#options.silentProbes) {
      this.#silentProbes = 0;
      this.#options.onGone();
    }
    if (this.#lastByteMs.size > 0) this.#timer ??= setTimeout(() => void this.#look(), alive ? this.#nextLookMs() : 0);
  }

  /** Until the quietest request has been silent for so long that its host is doubted. */
  #silentInMs(): number {
    return Math.min(...this.#lastByteMs.values()) + this.#options.silentMs - performance.now();
  }

  /** When the quietest request may be silent; a host that has just answered a probe is left alone for a while. */
  #nextLookMs(): number {
    const inMs = this.#silentInMs();
    return inMs > 0 ? inMs : this.#options.silentMs;
  }

  /** A timer of our own: nothing holds an `AbortSignal.timeout` in `any`, and the garbage collector takes it away. */
  async #probe(): Promise<boolean> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), this.#options.probeMs);
    try {
      return await this.#options.probe(AbortSignal.any([this.#closed.signal, late.signal]));
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Looks at a host for as long as it answers probes meanwhile; HOST_TIMEOUT where it falls silent. */
export async function whileItAnswers<T>(limit: SilenceLimit, look: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { host, signal } = limit;
  signal.throwIfAborted();
  const ending = new AbortController();
  const onAbort = () => ending.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  const onGone = () => ending.abort(new VisionError('HOST_TIMEOUT', `${host} fell silent while it was looked at.`));
  const watch = new HostWatch({ ...limit, onGone });
  watch.watch();
  try {
    return await look(ending.signal);
  } finally {
    watch.close();
    signal.removeEventListener('abort', onAbort);
  }
}
