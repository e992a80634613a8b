import type { Failure } from './errors.js';

/** Where an image's bytes are. A path is relative to a named root; `bytes` never leaves the process. */
export type SourceRef =
  | { readonly root: string; readonly path: string }
  | { readonly url: string }
  | { readonly bytes: Uint8Array };

/** One unit of work, one row: a page, or a group of images (compare). */
export interface Item {
  /** Stable across runs and machines; see `keys.ts`. */
  readonly key: string;
  /** Two or more for compare only. */
  readonly sources: readonly SourceRef[];
  /** 1 for a photo, 1… for PDF pages and TIFF frames, 0 for the source as a whole. */
  readonly page: number;
  readonly pages?: number;
  /** Columns carried from a manifest, unchanged. */
  readonly row?: Readonly<Record<string, string>>;
}

/** A source as discovery saw it. */
export interface FoundSource {
  readonly ref: SourceRef;
  /** In bytes; null where discovery could not look. */
  readonly size: number | null;
  /** Whole milliseconds since 1970; null where discovery could not look. */
  readonly mtimeMs: number | null;
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
}

/** Opens a source. Throws a VisionError (IMAGE_MISSING, IMAGE_FORBIDDEN, …), and the signal's reason where that ends a fetch. */
export type SourceReader = (source: SourceRef, signal?: AbortSignal) => Promise<SourceBytes>;

/** How many pages a source has (1 for a photo), for formats that can hold several. */
export type PageCounter = (bytes: Uint8Array) => Promise<number>;
