import { Buffer } from 'node:buffer';
import { createHash, hash } from 'node:crypto';
import type { Attempt } from '../core/ask.js';
import type { FailureCode, Status } from '../core/errors.js';
import type { FoundItem } from '../core/item.js';
import type { VisionRecord } from '../core/record.js';
import { sourceMark } from '../core/source-mark.js';
import type { ItemPosition } from './run-meta.js';

/** Length of a key hash in bytes. */
export const HASH_BYTES = 16;

/** LMDB keys end at 1,978 bytes; a name this long keeps its order among its like and stays unique by its hash. */
const MAX_NAME_BYTES = 1_024;

/** What the done-check needs of a record, kept beside it so that a finished run is looked through in small pages. */
export interface StoredOutcome {
  readonly status: Status;
  /** The error's code, null on `ok` and `blank`. */
  readonly code: FailureCode | null;
  /** Fingerprint of the ask that it answers. */
  readonly fingerprint: string;
  /** The model's digest; null where the engine has none. */
  readonly digest: string | null;
  /** As in the record. */
  readonly sourceBytes: VisionRecord['source_bytes'];
  /** As in the record: ISO 8601, whole milliseconds. */
  readonly sourceMtime: VisionRecord['source_mtime'];
  /** As in the record. */
  readonly sourceEtag: NonNullable<VisionRecord['source_etag']> | null;
  /** Number of the start that wrote it. */
  readonly start: number;
  /** Key of the item that was asked in this one's place; null where it was asked itself. */
  readonly duplicateOf: string | null;
  /** Of which sources it is: their `sourceMark`. */
  readonly source: string;
  /** What its error says; null where there is none. */
  readonly message: string | null;
}

/** The first 16 bytes of SHA-256(item key): under it everything of an item is found, however long its path. */
export function keyHash(key: string): Buffer {
  return hash('sha256', key, 'buffer').subarray(0, HASH_BYTES);
}

/**
 * The part of a position that sorts inside a folder: name bytes, a zero byte (no file name has one), page, and four bytes
 * of the key's hash, so that no two items can stand in one place.
 */
export function positionName(name: Uint8Array, page: number, hashOfKey: Buffer): Buffer {
  const short = name.length <= MAX_NAME_BYTES ? name : shortened(name);
  const out = Buffer.alloc(short.length + 9);
  out.set(short, 0);
  out.writeUInt32BE(page, short.length + 1);
  hashOfKey.copy(out, short.length + 5, 0, 4);
  return out;
}

function shortened(name: Uint8Array): Buffer {
  return Buffer.concat([name.subarray(0, MAX_NAME_BYTES - 32), createHash('sha256').update(name).digest()]);
}

/** Input, folder and name as one key that LMDB sorts bytewise into input order. */
export function itemKey(position: ItemPosition): Buffer {
  const key = Buffer.allocUnsafe(8 + position.name.length);
  key.writeUInt32BE(position.input, 0);
  key.writeUInt32BE(position.folder, 4);
  key.set(position.name, 8);
  return key;
}

/** The inverse of {@link itemKey}. */
export function positionOf(key: Buffer): ItemPosition {
  return { input: key.readUInt32BE(0), folder: key.readUInt32BE(4), name: key.subarray(8) };
}

/** Key hash, then the item as JSON, so that an export never parses items. */
export function encodeItem(keyHashBytes: Buffer, item: FoundItem): Buffer {
  return Buffer.concat([keyHashBytes, Buffer.from(JSON.stringify(item))]);
}

/** The inverse of {@link encodeItem}. */
export function decodeItem(value: Buffer): FoundItem {
  return JSON.parse(value.toString('utf8', HASH_BYTES)) as FoundItem;
}

/** Length of the JSON line, the line, the attempts as JSON: the line is copied into JSONL exports as it stands. */
export function encodeRecord(record: VisionRecord, attempts: readonly Attempt[]): Buffer {
  const line = JSON.stringify(record);
  const lineBytes = Buffer.byteLength(line);
  const tries = JSON.stringify(attempts);
  const out = Buffer.allocUnsafe(4 + lineBytes + Buffer.byteLength(tries));
  out.writeUInt32BE(lineBytes, 0);
  out.write(line, 4);
  out.write(tries, 4 + lineBytes);
  return out;
}

/** The record's JSON line in a stored value, without a line end; a view, not a copy. */
export function lineOf(value: Buffer): Buffer {
  return value.subarray(4, 4 + value.readUInt32BE(0));
}

/** The attempts in a stored value. */
export function attemptsOf(value: Buffer): Attempt[] {
  return JSON.parse(value.toString('utf8', 4 + value.readUInt32BE(0))) as Attempt[];
}

/** The done-check's fields of a record, as short JSON. */
export function encodeOutcome(record: VisionRecord, start: number): Buffer {
  const { status, error, ask_fingerprint, duplicate_of, model_digest, source, source_bytes, source_mtime } = record;
  const { source_etag = null } = record;
  const { code = null, message = null } = error ?? {};
  const fields: OutcomeFields = [
    ...([status, code, ask_fingerprint, model_digest, source_bytes, source_mtime, start, duplicate_of] as const),
    ...([sourceMark(source), message, source_etag] as const),
  ];
  return Buffer.from(JSON.stringify(fields));
}

type OutcomeFields = [
  Status,
  FailureCode | null,
  string,
  string | null,
  StoredOutcome['sourceBytes'],
  StoredOutcome['sourceMtime'],
  number,
  (string | null)?, // earlier versions wrote neither this
  string?, // nor these
  (string | null)?,
  StoredOutcome['sourceEtag']?,
];

/**
 * The inverse of {@link encodeOutcome}.
 *
 * @param record - what it was made of, for one that an earlier version wrote with fewer fields
 */
export function decodeOutcome(value: Buffer, record: () => VisionRecord | undefined): StoredOutcome {
  const [status, code, fingerprint, digest, sourceBytes, sourceMtime, start, duplicateOf = null, ...further] =
    JSON.parse(value.toString()) as OutcomeFields;
  const [source = sourceMark(record()?.source ?? ''), message = record()?.error?.message ?? null, ...latest] = further;
  const [sourceEtag = record()?.source_etag ?? null] = latest;
  const seen = { sourceBytes, sourceMtime, sourceEtag };
  return { status, code, fingerprint, digest, ...seen, start, duplicateOf, source, message };
}
