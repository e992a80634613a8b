import { hash } from 'node:crypto';

/** One of several machines' parts of one input: the `index`th of `of`, counted from 1. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

/** What a discovery met, in files, rows or groups: all pages of a file go to one shard. */
export interface ShardCount extends Shard {
  /** Those that belong to this shard. */
  readonly own: number;
  /** Those of all shards. */
  readonly all: number;
}

/** Bytes of the hash that decide: as many as a number holds exactly. */
const DECIDING_BYTES = 6;

/**
 * Whether a shard has what is found under a key. SHA-256 of the key decides, and neither its place nor what else is
 * there: machines that see the same inputs agree, and so do starts before and after files come and go.
 *
 * @param key - without a page
 */
export function isOfShard(key: string, { index, of }: Shard): boolean {
  return hash('sha256', key, 'buffer').readUIntBE(0, DECIDING_BYTES) % of === index - 1;
}

/** `2/8` */
export function shardName({ index, of }: Shard): string {
  return `${index}/${of}`;
}
