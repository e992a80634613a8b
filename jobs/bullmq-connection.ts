import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { messageOf } from '../src/core/errors.js';
import type { Logger } from '../src/core/telling.js';
import { checkRedis, trustOf, withoutPassword } from './bullmq-check.js';

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
}

export const REDIS_TIMES: RedisTimes = {
  checkMs: 5_000,
  reconnectMs: 2_000,
  silenceMs: 30_000,
  tellMs: 30_000,
  againMs: 1_000,
  closeMs: 2_000,
};

export interface BullmqConnectionOptions {
  /** `redis://` or `rediss://`, with user, password and database where needed. */
  readonly url: string;
  /** Certificates in PEM that a `rediss://` server may be signed by, beside the usual ones. @defaultValue none */
  readonly ca?: string | null;
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
  const { ca = null, url } = options;
  await checkRedis({ url, ca, timeoutMs: times.checkMs });
  const redis = new Redis(url, {
    ...trustOf({ ca, url }),
    maxRetriesPerRequest: null,
    connectTimeout: times.checkMs,
    socketTimeout: times.silenceMs,
    retryStrategy: (tries) => Math.min(100 * tries, times.reconnectMs),
  });
  return new BullmqConnection({ redis, times, logger: options.logger, name: withoutPassword(url) });
}

/** What is answered while a server cannot work for now, and what a lost connection makes of commands under way. */
const OUTAGE =
  /^(LOADING|MASTERDOWN|READONLY|MISCONF|OOM|CLUSTERDOWN|TRYAGAIN|BUSY|NOREPLICAS)\b|Command aborted|Connection is closed|Socket timeout|ECONN|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_AGAIN/;

/** One connection of a process to Redis, shared by queues, lanes and fleet. Outages are waited out, and spoken of. */
export class BullmqConnection {
  readonly redis: Redis;
  readonly times: RedisTimes;
  readonly logger: Logger;
  readonly #name: string;
  readonly #closing = new AbortController();
  #lastError = 'the connection closed';
  #down: { readonly sinceMs: number; readonly telling: NodeJS.Timeout } | undefined;

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
    this.redis.on('error', (error: Error) => {
      this.#lastError = messageOf(error);
    });
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
   */
  async persist<T>(command: () => Promise<T>): Promise<T> {
    let nextTellingMs = 0;
    for (;;) {
      try {
        return await command();
      } catch (error) {
        if (this.#closing.signal.aborted || !OUTAGE.test(messageOf(error))) throw error;
        if (this.ready && performance.now() >= nextTellingMs) {
          nextTellingMs = performance.now() + this.times.tellMs;
          this.logger.warn(`Redis at ${this.#name} refuses to work (${messageOf(error)}). Waiting for it.`);
        }
        await sleep(this.times.againMs, undefined, { signal: this.#closing.signal }).catch(() => undefined);
      }
    }
  }

  /** Ends the connection; commands that still wait are rejected. Bounded in time, whatever Redis does. */
  async close(): Promise<void> {
    this.#closing.abort();
    clearInterval(this.#down?.telling);
    if (this.ready) await within(this.times.closeMs, this.redis.quit());
    this.redis.disconnect();
  }

  #lost(): void {
    if (this.#down !== undefined || this.#closing.signal.aborted) return;
    const sinceMs = performance.now();
    const tell = () => this.logger.warn(`Redis at ${this.#name} is away (${this.#lastError}). Waiting for it.`);
    tell();
    this.#down = { sinceMs, telling: setInterval(tell, this.times.tellMs).unref() };
  }

  #found(): void {
    if (this.#down === undefined) return;
    clearInterval(this.#down.telling);
    const seconds = Math.round((performance.now() - this.#down.sinceMs) / 1000);
    this.#down = undefined;
    this.logger.info(`Redis at ${this.#name} is back after ${seconds} s.`);
  }
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
