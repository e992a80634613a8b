import type { Buffer } from 'node:buffer';
import type { FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { constants, createGunzip } from 'node:zlib';
import { VisionError } from '../../core/errors.js';
import { readRange } from '../file-range.js';
import { damaged } from './archive-member.js';

/** The most that a gzipped archive may hold: it lies unpacked in a temporary file while its members are read. */
const MAX_UNPACKED_BYTES = 16 * 1024 ** 3;
/** Below this no ratio is looked at: it does no harm. */
const HARMLESS_BYTES = 1024 ** 3;
/** Bytes for one packed byte that images reach; what is made to fill a disk has up to 1,032. */
const MOST_FOR_ONE = 200;
const CHUNK_BYTES = 262_144;

const MAGIC = [0x1f, 0x8b];

/** Whether a file is gzipped (RFC 1952), by its first two bytes. */
export async function isGzipped(handle: FileHandle): Promise<boolean> {
  const head = await readRange(handle, { at: 0, length: MAGIC.length });
  return head !== null && MAGIC.every((byte, at) => head[at] === byte);
}

/**
 * The bytes that a gzipped file holds, from its first.
 *
 * Of one that was cut they are those that there are: what they belong to will tell that it is not whole.
 *
 * @param size - of the file, in bytes
 * @throws VisionError IMAGE_UNREADABLE where it is not in order, IMAGE_TOO_LARGE for a bomb and for
 * what is larger than a temporary file may be
 */
export async function* gunzipped(handle: FileHandle, size: number): AsyncGenerator<Buffer> {
  const unzip = createGunzip({ chunkSize: CHUNK_BYTES, finishFlush: constants.Z_SYNC_FLUSH });
  const source = handle.createReadStream({ start: 0, autoClose: false, highWaterMark: CHUNK_BYTES });
  pipeline(source, unzip, () => {}); // what goes wrong is thrown by the loop below
  const chunks: AsyncIterable<Buffer> = unzip;
  let unpacked = 0;
  try {
    for await (const chunk of chunks) {
      unpacked += chunk.length;
      if (unpacked > limitOf(size)) throw tooMuch(unpacked);
      yield chunk;
    }
  } catch (error) {
    throw error instanceof VisionError ? error : gzipError(error);
  } finally {
    source.destroy();
  }
}

function limitOf(size: number): number {
  return Math.min(MAX_UNPACKED_BYTES, Math.max(HARMLESS_BYTES, size * MOST_FOR_ONE));
}

function tooMuch(unpacked: number): VisionError {
  return new VisionError('IMAGE_TOO_LARGE', `The archive unpacks to more than ${unpacked} bytes.`, {
    fix: 'Unpack it and name the folder, or pack it as .zip or .tar, of which only single members are read.',
  });
}

function gzipError(error: unknown): VisionError {
  const code = (error as NodeJS.ErrnoException).code ?? String(error);
  return damaged(`it cannot be unpacked (${code})`);
}
