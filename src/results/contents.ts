import { Buffer } from 'node:buffer';
import type { FoundSource } from '../core/item.js';
import { keyHash } from './layout.js';
import type { Tables } from './tables.js';

/** SHA-256 of a source's bytes, as hex digits. */
export interface SourceDigest {
  readonly source: FoundSource;
  readonly sha256: string;
}

/** What is known of the bytes of sources, and which item came first with them. */
export interface Contents {
  /** The digest of a source, as long as its size and time are what they were; else undefined. */
  sha256(source: FoundSource): string | undefined;
  /** Key of the first item with this content, which is any text that stands for it. */
  firstWith(content: string): string | undefined;
  /** Forgets which items came first, or the digests as well. */
  forget(what: 'firsts' | 'all'): Promise<void>;
  /** Resolves when all can be read. */
  keep(known: {
    readonly digests: readonly SourceDigest[];
    /** Content → key of its first item. */
    readonly firsts: ReadonlyMap<string, string>;
  }): Promise<void>;
}

type Digest = [size: number, mtimeMs: number, sha256: string];

export interface ContentsOptions {
  /** The tables of the moment. */
  readonly tables: () => Tables;
  /** Runs a write when no repair is under way. */
  readonly write: (queue: (tables: Tables) => Promise<void>) => Promise<void>;
}

/** The contents that a store keeps. */
export function contentsOf({ tables, write }: ContentsOptions): Contents {
  return {
    sha256: ({ mtimeMs, ref, size }) => {
      const value = tables()
        .contents()
        .digests.peek(keyHash(JSON.stringify(ref)));
      if (value === undefined) return undefined;
      const [knownSize, knownMtimeMs, sha256] = JSON.parse(value.toString()) as Digest;
      return knownSize === size && knownMtimeMs === mtimeMs ? sha256 : undefined;
    },
    firstWith: (content) => tables().contents().firsts.peek(keyHash(content))?.toString(),
    forget: (what) =>
      write((now) =>
        now.write((add) => {
          const { digests, firsts } = now.contents();
          for (const table of what === 'all' ? [digests, firsts] : [firsts]) add(table.clear());
        }),
      ),
    keep: ({ digests, firsts }) =>
      write((now) =>
        now.write((add) => {
          const kept = now.contents();
          for (const { sha256, source } of digests) {
            const { mtimeMs, ref, size } = source;
            const value = JSON.stringify([size, mtimeMs, sha256]);
            add(kept.digests.put(keyHash(JSON.stringify(ref)), Buffer.from(value)));
          }
          for (const [content, key] of firsts) add(kept.firsts.put(keyHash(content), Buffer.from(key)));
        }),
      ),
  };
}
