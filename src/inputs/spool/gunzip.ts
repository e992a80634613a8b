import type { Buffer } from 'node:buffer';
import type { FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { constants, createGunzip } from 'node:zlib';
import { VisionError } from '../../core/errors.js';
import { type RandomBytes, readRange } from '../file-range.js';

/** A gzipped file, open. */
export interface Gzipped {
  readonly handle: FileHandle;
  /** Of the file, in bytes. */
  readonly size: number;
  /** What it is, for what is said of it. */
  readonly noun: 'archive' | 'table';
  /** Bytes that it may hold. @defaultValue {@link mostUnpacked} */
  readonly maxBytes?: number;
}

/** The most that a gzipped file may hold: it lies unpacked in a temporary file while parts of it are read. */
const MAX_UNPACKED_BYTES = 16 * 1024 ** 3;
/** Below this no ratio is looked at: it does no harm. */
const HARMLESS_BYTES = 1024 ** 3;
/** Bytes for one packed byte that images reach; what is made to fill a disk has up to 1,032. */
const MOST_FOR_ONE = 200;
const CHUNK_BYTES = 262_144;

const MAGIC = [0x1f, 0x8b];

/** Whether a file is gzipped (RFC 1952), by its first two bytes. */
export async function isGzipped(handle: RandomBytes): Promise<boolean> {
  const head = await readRange(handle, { at: 0, length: MAGIC.length });
  return head !== null && MAGIC.every((byte, at) => head[at] === byte);
}

/** Bytes that a gzipped file of this size may hold. */
export function mostUnpacked(size: number): number {
  return Math.min(MAX_UNPACKED_BYTES, Math.max(HARMLESS_BYTES, size * MOST_FOR_ONE));
}

/**
 * The bytes that a gzipped file holds, from its first. The file stays open.
 *
 * Of one that was cut they are those that there are: what they belong to will tell that it is not whole.
 *
 * @throws VisionError IMAGE_UNREADABLE where it is not in order, IMAGE_TOO_LARGE for a bomb and for
 * what is larger than a temporary file may be; what the file system throws, as it is
 */
export async function* gunzipped(file: Gzipped): AsyncGenerator<Buffer> {
  const { handle, maxBytes = mostUnpacked(file.size), noun } = file;
  const unzip = createGunzip({ chunkSize: CHUNK_BYTES, finishFlush: constants.Z_SYNC_FLUSH });
  pipeline(packedChunks(handle), unzip, () => {}); // what goes wrong is thrown by the loop below
  const chunks: AsyncIterable<Buffer> = unzip;
  let unpacked = 0;
  try {
    for await (const chunk of chunks) {
      unpacked += chunk.length;
      if (unpacked > maxBytes) throw tooMuch(noun, maxBytes);
      yield chunk;
    }
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    throw code.startsWith('Z_') ? damaged(noun, error) : error;
  }
}

/** A read stream of the handle would close it when it ends, `autoClose` or not (Node 20 and 22). */
async function* packedChunks(handle: FileHandle): AsyncGenerator<Uint8Array> {
  for (let at = 0; ; ) {
    const { buffer, bytesRead } = await handle.read(new Uint8Array(CHUNK_BYTES), 0, CHUNK_BYTES, at);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    at += bytesRead;
  }
}

function tooMuch(noun: string, maxBytes: number): VisionError {
  return new VisionError('IMAGE_TOO_LARGE', `The ${noun} unpacks to more than ${maxBytes} bytes.`, {
    fix: 'Unpack it, and name what comes out.',
  });
}

function damaged(noun: string, cause: unknown): VisionError {
  const { code } = cause as NodeJS.ErrnoException;
  const sentence = `The ${noun} is damaged: it cannot be unpacked (${code}).`;
  return new VisionError('IMAGE_UNREADABLE', sentence, { fix: 'Copy or pack it again.', cause });
}
