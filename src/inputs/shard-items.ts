import { isOfShard, type Shard, type ShardCount } from '../core/shard.js';
import type { Found } from './found.js';

/**
 * Marks what belongs to other shards. It is no item of this run, but passes on: folders and repeated keys are numbered
 * as they would be without shards, so that the rows of all shards are those of one run, in one order.
 */
export class ShardItems {
  readonly #shard: Shard;
  #own = 0;
  #all = 0;

  constructor(shard: Shard) {
    this.#shard = shard;
  }

  /** What has passed so far. */
  get count(): ShardCount {
    return { ...this.#shard, own: this.#own, all: this.#all };
  }

  /** @param found - before pages are counted: a file is opened by its own shard only */
  async *mark(found: AsyncIterable<Found>): AsyncGenerator<Found> {
    for await (const one of found) {
      if (one.kind !== 'item') {
        yield one;
        continue;
      }
      const isOwn = isOfShard(one.item.key, this.#shard);
      this.#all += 1;
      if (isOwn) this.#own += 1;
      yield isOwn ? one : { ...one, isElsewhere: true };
    }
  }
}
