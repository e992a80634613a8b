import type { Failure } from './errors.js';

/** A member of an archive, as it lies in the archive's bytes: any machine can read just those. */
export interface Part {
  /** The member's path inside the archive, with `/`. */
  readonly member: string;
  /** Where its bytes begin and how many they are, packed as they are. */
  readonly offset: number;
  readonly length: number;
  /** `deflate` is raw DEFLATE (RFC 1951), as ZIP packs. */
  readonly packing: 'stored' | 'deflate';
  /** Bytes unpacked. */
  readonly size: number;
  /** CRC-32 of the bytes unpacked, where the archive says it (ZIP): an archive that changed is told from the one listed. */
  readonly crc32?: number;
  /** Of an archive at a URL: the version that was listed. Nothing is read of another one. */
  readonly version?: ArchiveVersion;
}

/** What a server tells of the version of an archive that it has. */
export interface ArchiveVersion {
  /** Bytes of the archive. */
  readonly size: number;
  /** As sent (RFC 9110 §8.8.3), where it is. */
  readonly etag?: string;
}

/** A cell of a table that holds an image itself. Any machine that has the table can read just that. */
export type TableCell = {
  /** Bytes of the table: one of another size is another table. */
  readonly tableBytes: number;
} & (
  | {
      readonly table: 'csv';
      /** Where the row stands, in bytes; of what is packed, once it is unpacked. */
      readonly offset: number;
      readonly length: number;
      /** Whether the file is packed with gzip. */
      readonly packed: boolean;
      /** Ordinal of the column, from 0. */
      readonly column: number;
      readonly delimiter: string;
      readonly quote: string;
    }
  | {
      readonly table: 'jsonl';
      readonly offset: number;
      readonly length: number;
      readonly packed: boolean;
      readonly column: string;
    }
  /** `row` counts from 0. */
  | { readonly table: 'parquet'; readonly row: number; readonly column: string }
);

/**
 * Where an image's bytes are. A path is relative to a named root, a URL has the scheme http, https or s3; with a `part`
 * the file or URL is an archive and the image one of its members; with a `cell` the file is a table that holds the
 * image. `bytes` never leaves the process.
 */
export type SourceRef =
  | { readonly root: string; readonly path: string; readonly part?: Part; readonly cell?: TableCell }
  | { readonly url: string; readonly part?: Part }
  | { readonly bytes: Uint8Array };

/** What is known of a source before it is opened. */
export interface SourceSeen {
  /** In bytes; null where discovery could not look. */
  readonly size: number | null;
  /** Whole milliseconds since 1970; null where discovery could not look. */
  readonly mtimeMs: number | null;
}

/** One unit of work, one row: a page, or a group of images (compare). */
export interface Item {
  /** Stable across runs and machines; see `keys.ts`. */
  readonly key: string;
  /** Two or more for compare only. */
  readonly sources: readonly SourceRef[];
  /** What discovery saw of each source: a row says of which version it is. */
  readonly seen?: readonly SourceSeen[];
  /** 1 for a photo, 1… for PDF pages and TIFF frames, 0 for the source as a whole. */
  readonly page: number;
  readonly pages?: number;
  /** Columns carried from a manifest, unchanged. */
  readonly row?: Readonly<Record<string, string>>;
}

/** A source as discovery saw it. */
export interface FoundSource extends SourceSeen {
  readonly ref: SourceRef;
}

/** An item as discovery found it, before anything was opened. */
export interface FoundItem {
  readonly key: string;
  /** In order, two or more for compare only; none where its name cannot be written as a path. */
  readonly sources: readonly FoundSource[];
  readonly page: number;
  readonly pages?: number;
  /** Columns carried from a manifest, unchanged. */
  readonly row?: Readonly<Record<string, string>>;
  /** Why this item can never be opened: its row is written without a job. */
  readonly problem?: Failure;
  /** Key of an earlier item whose source has the same bytes: it is asked in this one's place. */
  readonly duplicateOf?: string;
}

/** A folder that paths are relative to, under a name that means the same on every machine. */
export interface Root {
  readonly name: string;
  /** Absolute path on this machine. */
  readonly path: string;
}

/** The bytes of a source and what the file system said of them when they were read. */
export interface SourceBytes {
  readonly bytes: Uint8Array;
  readonly size: number;
  /** Whole milliseconds since 1970. */
  readonly mtimeMs: number;
  /** What a server calls this version of it (RFC 9110 §8.8.3), as sent; of a URL only, where it sends one. */
  readonly etag?: string;
}

/** One image of a source: its bytes, and which of their pages it is, from 1. */
export interface PageBytes {
  readonly bytes: Uint8Array;
  readonly page: number;
  /** How many pages were counted; absent where nobody counted: then there is one item for all of them. */
  readonly pages?: number;
}

/** How a source is opened. */
export interface OpenHow {
  /** Ends a fetch. */
  readonly signal?: AbortSignal;
  /** What discovery saw of it: a file that still is that costs one look less. */
  readonly seen?: SourceSeen;
}

/** Opens a source. Throws a VisionError (IMAGE_MISSING, IMAGE_FORBIDDEN, …), and the signal's reason where that ends a fetch. */
export type SourceReader = (source: SourceRef, how?: OpenHow) => Promise<SourceBytes>;

/** How many pages a source has (1 for a photo), for formats that can hold several. */
export type PageCounter = (bytes: Uint8Array) => Promise<number>;
