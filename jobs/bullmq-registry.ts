import type { BullmqConnection } from './bullmq-connection.js';

export interface BullmqRegistryOptions {
  /** Stays open when the fleet is closed. */
  readonly connection: BullmqConnection;
  /** Of all keys in Redis, such as `{visionbatch}`. */
  readonly prefix: string;
}

/** Keys, commands and clock of the registry in Redis. */
export class BullmqRegistry {
  readonly #connection: BullmqConnection;
  readonly #prefix: string;
  readonly #strange = new Set<string>();

  constructor(options: BullmqRegistryOptions) {
    this.#connection = options.connection;
    this.#prefix = options.prefix;
  }

  key(...parts: readonly string[]): string {
    return [this.#prefix, ...parts].join(':');
  }

  /** Runs a command that may be repeated; outages are waited out. */
  do<T>(command: (redis: BullmqConnection['redis']) => Promise<T>): Promise<T> {
    return this.#connection.persist(() => command(this.#connection.redis));
  }

  /** What is said at an end is not waited for through an outage: the entry lapses by itself. */
  async soon(command: (redis: BullmqConnection['redis']) => Promise<unknown>): Promise<void> {
    await this.#connection.atEnd(this.do(command));
  }

  /** Says once of what another version wrote that it is not understood. */
  tellStrange(what: string): void {
    if (this.#strange.has(what)) return;
    this.#strange.add(what);
    this.#connection.logger.warn(
      `${what} was written by another version of visionbatch, which this one does not understand: it is left alone. All machines want the same version.`,
    );
  }

  /** Redis's clock in milliseconds since 1970. */
  async serverMs(): Promise<number> {
    const [seconds, microseconds] = await this.do((redis) => redis.time());
    return Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000);
  }

  /** How far Redis's clock runs ahead of ours. */
  async aheadMs(): Promise<number> {
    return (await this.serverMs()) - Date.now();
  }

  /**
   * Entries of a hash that were written at most so long ago, with that time in our clock. What is read of each is up to
   * `parse`, which returns null for what another version wrote.
   */
  async fresh<T extends { readonly atMs: number }>(
    key: string,
    { parse, withinMs }: { readonly parse: (text: string) => T | null; readonly withinMs: number },
  ): Promise<readonly T[]> {
    const aheadMs = await this.aheadMs();
    const texts = await this.do((redis) => redis.hvals(key));
    const aliveMs = Date.now() - withinMs;
    return texts.flatMap((text) => {
      const entry = parse(text);
      if (entry === null) this.tellStrange(`What stands in ${key}`);
      const atMs = entry === null ? 0 : entry.atMs - aheadMs;
      return entry === null || atMs <= aliveMs ? [] : [{ ...entry, atMs }];
    });
  }
}
