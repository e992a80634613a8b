import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { messageOf } from '../src/core/errors.js';
import { EXIT, ExitError } from '../src/core/exit.js';
import type { Logger } from '../src/core/telling.js';
import { checkRedis, trustOf, withoutPassword } from './bullmq-check.js';
import { denialOf, isOutage } from './bullmq-outage.js';

/** Waits of a connection, in milliseconds. */
export interface RedisTimes {
  /** The whole check at the start. */
  readonly checkMs: number;
  /** The longest wait between two tries to connect again. */
  readonly reconnectMs: number;
  /** A socket that had a command under way and brought nothing for so long is closed and opened again. */
  readonly silenceMs: number;
  /** How often an outage is spoken of. */
  readonly tellMs: number;
  /** Before a command that an outage broke is tried again. */
  readonly againMs: number;
  /** How long a close waits for a server that does not answer. */
  readonly closeMs: number;
  /** For how long a command is tried, an outage included; null: until it succeeds. */
  readonly patienceMs: number | null;
}

export const REDIS_TIMES: RedisTimes = {
  checkMs: 5_000,
  reconnectMs: 2_000,
  silenceMs: 30_000,
  tellMs: 30_000,
  againMs: 1_000,
  closeMs: 2_000,
  patienceMs: null,
};

export interface BullmqConnectionOptions {
  /** `redis://` or `rediss://`, with user, password and database where needed. */
  readonly url: string;
  /** Certificates in PEM that a `rediss://` server may be signed by, beside the usual ones. @defaultValue none */
  readonly ca?: string | null;
  /** Of the keys that are to be written, which is tried at the start. @defaultValue none: it is not tried */
  readonly prefix?: string;
  readonly logger: Logger;
  /** Overrides of {@link REDIS_TIMES}. */
  readonly times?: Partial<RedisTimes>;
}

/**
 * Connects to a Redis that was checked once. Whoever makes a connection closes it, after all that uses it.
 *
 * @throws ExitError 3 with reason and fix where Redis cannot be used, 2 where the URL is none
 */
export async function createBullmqConnection(options: BullmqConnectionOptions): Promise<BullmqConnection> {
  const times = { ...REDIS_TIMES, ...options.times };
  const { ca = null, prefix = null, url } = options;
  await checkRedis({ url, ca, prefix, timeoutMs: times.checkMs });
  const redis = new Redis(url, {
    ...trustOf({ ca, url }),
    maxRetriesPerRequest: null,
    connectTimeout: times.checkMs,
    socketTimeout: times.silenceMs,
    retryStrategy: (tries) => Math.min(100 * tries, times.reconnectMs),
  });
  return new BullmqConnection({ redis, times, logger: options.logger, name: withoutPassword(url) });
}

/** One connection of a process to Redis, shared by queues, lanes and fleet. Outages are waited out, and spoken of. */
export class BullmqConnection {
  readonly redis: Redis;
  readonly times: RedisTimes;
  readonly logger: Logger;
  readonly #name: string;
  readonly #closing = new AbortController();
  /** Why the connection is away, as far as that is known. */
  #lastError: string | null = null;
  /** What the last command was refused with, if it was. */
  #refusal: string | null = null;
  /** Whether the last that was waited for in a bounded time was not answered, and nothing since. */
  #isSilent = false;
  #down: { readonly sinceMs: number; readonly tell: () => void; readonly telling: NodeJS.Timeout } | undefined;

  constructor(options: {
    readonly redis: Redis;
    readonly times: RedisTimes;
    readonly logger: Logger;
    /** The address as it may be shown. */
    readonly name: string;
  }) {
    this.redis = options.redis;
    this.times = options.times;
    this.logger = options.logger;
    this.#name = options.name;
    setMaxListeners(0, this.#closing.signal); // as many as commands wait
    this.redis.on('error', (error: Error) => this.#failed(messageOf(error)));
    this.redis.on('close', () => this.#lost());
    this.redis.on('ready', () => this.#found());
  }

  /** Whether commands are answered at present. */
  get ready(): boolean {
    return this.redis.status === 'ready';
  }

  /**
   * Runs a command that may be repeated, and again for as long as an outage breaks it.
   * Without a connection, commands wait for one.
   *
   * @throws ExitError 3 with the reason where patience has an end, and it came
   */
  async persist<T>(command: () => Promise<T>): Promise<T> {
    const { patienceMs } = this.times;
    if (patienceMs === null) return await this.#persist(command);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(this.#unusable(patienceMs)), patienceMs);
    });
    return await Promise.race([this.#persist(command), late]).finally(() => clearTimeout(timer));
  }

  async #persist<T>(command: () => Promise<T>): Promise<T> {
    let nextTellingMs = 0;
    for (;;) {
      try {
        const result = await command();
        this.#refusal = null;
        this.#isSilent = false;
        return result;
      } catch (error) {
        const message = messageOf(error);
        if (this.#closing.signal.aborted || !isOutage(message)) throw error;
        this.#refusal = message;
        if (this.ready && performance.now() >= nextTellingMs) {
          nextTellingMs = performance.now() + this.times.tellMs;
          this.logger.warn(`Redis at ${this.#name} refuses to work (${inWords(message)}). Waiting for it.`);
        }
        await sleep(this.times.againMs, undefined, { signal: this.#closing.signal }).catch(() => undefined);
      }
    }
  }

  #unusable(withinMs: number): ExitError {
    const said = this.ready ? this.#refusal : this.#lastError;
    const does = this.ready ? 'it refuses to work' : 'it is away';
    const reason = said === null ? `it does not answer within ${withinMs / 1_000} s` : `${does} (${inWords(said)})`;
    const fix = said === null ? undefined : denialOf(said)?.fix;
    return new ExitError(EXIT.dependency, `Redis at ${this.#name} cannot be used: ${reason}.`, { fix });
  }

  /** Whether the server answers now: a socket that is open says nothing of it. */
  async answers(): Promise<boolean> {
    if (!this.ready) return false;
    let answered = false;
    const asked = this.redis.ping().then(() => {
      answered = true;
    });
    await within(this.times.closeMs, asked);
    this.#isSilent = !answered;
    return answered;
  }

  /** Waits for what is said at an end, bounded in time; not at all where the server has left the last unanswered. */
  async atEnd(saying: Promise<unknown>): Promise<void> {
    const said = within(this.#isSilent ? 0 : this.times.closeMs, saying);
    this.#isSilent = !(await said);
  }

  /** Ends the connection; commands that still wait are rejected. Bounded in time, whatever Redis does. */
  async close(): Promise<void> {
    this.#closing.abort();
    clearInterval(this.#down?.telling);
    if (this.ready) await this.atEnd(this.redis.quit());
    this.redis.disconnect();
  }

  /** What only a person can mend is told as soon as it is known. */
  #failed(message: string): void {
    const isNews = message !== this.#lastError && denialOf(message) !== null;
    this.#lastError = message;
    if (isNews) this.#down?.tell();
  }

  #lost(): void {
    if (this.#down !== undefined || this.#closing.signal.aborted) return;
    const sinceMs = performance.now();
    const tell = () =>
      this.logger.warn(
        `Redis at ${this.#name} is away (${inWords(this.#lastError ?? 'the connection closed')}). Waiting for it.`,
      );
    tell();
    this.#down = { sinceMs, tell, telling: setInterval(tell, this.times.tellMs).unref() };
  }

  #found(): void {
    if (this.#down === undefined) return;
    clearInterval(this.#down.telling);
    const seconds = Math.round((performance.now() - this.#down.sinceMs) / 1000);
    this.#down = undefined;
    this.#lastError = null;
    this.logger.info(`Redis at ${this.#name} is back after ${seconds} s.`);
  }
}

/** What a server said, and what it means where that is for a person to mend. */
function inWords(message: string): string {
  const denial = denialOf(message);
  return denial === null ? message : `${denial.reason}: ${message.split(',')[0]}`; // the rest is for programmers
}

/** Waits for a promise at most so long; tells whether it was settled by then. */
export async function within(ms: number, settling: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, ms, false);
  });
  const settled = settling.then(
    () => true,
    () => true,
  );
  return await Promise.race([settled, late]).finally(() => clearTimeout(timer));
}
