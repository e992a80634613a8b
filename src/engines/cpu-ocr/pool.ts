import pLimit, { type LimitFunction } from 'p-limit';
import { VisionError } from '../../core/errors.js';
import type { Language } from './languages.js';
import { OcrThread, type RecognizedPage } from './thread.js';

interface Reader {
  readonly lang: string;
  readonly thread: OcrThread;
  /** Settles when its languages are loaded. */
  readonly loaded: Promise<void>;
}

export interface ThreadPoolOptions {
  /** Threads at once, at least 1. */
  readonly slots: number;
  /** Loads the data of `deu+fra`. Throws VisionErrors. */
  readonly languages: (lang: string) => Promise<readonly Language[]>;
}

/** At most `slots` OCR threads, started when first needed and replaced when they die. First come, first served. */
export class ThreadPool {
  readonly #options: ThreadPoolOptions;
  readonly #limit: LimitFunction;
  readonly #idle: Reader[] = [];
  readonly #threads = new Set<OcrThread>();
  #closed = false;

  constructor(options: ThreadPoolOptions) {
    this.#options = options;
    this.#limit = pLimit(options.slots);
  }

  /** Starts every thread, so that no item pays for it. Throws VisionErrors. */
  async warm(lang: string, signal: AbortSignal): Promise<void> {
    const started = Array.from({ length: this.#options.slots }, () => this.#withThread(lang, signal, async () => {}));
    const failed = (await Promise.allSettled(started)).find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  /**
   * Reads an encoded image. WASM cannot be interrupted, so aborting ends the thread that reads, which frees the slot.
   * Throws VisionErrors.
   */
  recognize(image: Uint8Array, lang: string, signal: AbortSignal): Promise<RecognizedPage> {
    return this.#withThread(lang, signal, (thread) => thread.recognize(image));
  }

  /** Ends all threads; calls in hand and those that wait fail. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#idle.length = 0;
    await Promise.all([...this.#threads].map((thread) => this.#end(thread)));
  }

  #withThread<T>(lang: string, signal: AbortSignal, use: (thread: OcrThread) => Promise<T>): Promise<T> {
    const turn = this.#limit(async () => {
      const reader = await this.#reader(lang);
      const stop = () => void this.#end(reader.thread);
      signal.addEventListener('abort', stop);
      try {
        if (signal.aborted || this.#closed) stop();
        await reader.loaded;
        return await use(reader.thread);
      } finally {
        signal.removeEventListener('abort', stop);
        if (reader.thread.alive) this.#idle.push(reader);
        else await this.#end(reader.thread);
      }
    });
    return untilAborted(turn, signal);
  }

  /** An idle reader of the language, else a new one; idle readers of other languages make room for it. */
  async #reader(lang: string): Promise<Reader> {
    const known = this.#takeIdle(lang);
    if (known !== undefined) return known;
    const languages = await this.#options.languages(lang);
    await Promise.all(this.#idle.splice(0).map(({ thread }) => this.#end(thread)));
    const thread = new OcrThread();
    this.#threads.add(thread);
    return { lang, thread, loaded: thread.load(languages) };
  }

  #takeIdle(lang: string): Reader | undefined {
    const at = this.#idle.findIndex((reader) => reader.lang === lang && reader.thread.alive);
    return at < 0 ? undefined : this.#idle.splice(at, 1)[0];
  }

  async #end(thread: OcrThread): Promise<void> {
    this.#threads.delete(thread);
    await thread.terminate();
  }
}

/** What was asked for, or HOST_BUSY as soon as the signal fires: whoever waits for a slot need not wait for his turn. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(new VisionError('HOST_BUSY', 'The built-in OCR was told to stop reading this image.'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop);
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
