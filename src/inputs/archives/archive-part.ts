import { Buffer } from 'node:buffer';
import type { Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { constants, crc32, createInflateRaw } from 'node:zlib';
import { systemCodeOf, VisionError } from '../../core/errors.js';
import type { Part } from '../../core/item.js';
import { type ByteRange, readRange } from '../file-range.js';
import { isGzipped } from '../spool/gunzip.js';
import type { GzipSpools } from '../spool/gzip-spools.js';
import { plainName } from './archive-member.js';
import { BLOCK_BYTES, tarHeader } from './tar-header.js';

/** What is unpacked or summed up at once: a millisecond or two of the main thread. */
const SLICE_BYTES = 1_048_576;
/** Below this no ratio is looked at: it does no harm. */
const HARMLESS_BYTES = 64 * 1_048_576;
/** Bytes for one packed byte that images reach; what is made to fill the memory has up to 1,032. */
const MOST_FOR_ONE = 200;

/**
 * Reads one member of an open archive, and nothing else of it but the header that says it is still that member.
 *
 * @throws VisionError IMAGE_TRUNCATED, IMAGE_UNREADABLE where the archive does not hold it there, or not as it says
 */
export async function readPart(
  { handle, stats }: { readonly handle: FileHandle; readonly stats: Stats },
  part: Part,
  spools: GzipSpools,
): Promise<Uint8Array> {
  const isZipped = part.crc32 !== undefined;
  const packed =
    !isZipped && (await isGzipped(handle))
      ? (range: ByteRange) => spools.read({ handle, stats, noun: 'archive' }, range)
      : (range: ByteRange) => readRange(handle, range);
  const bytes = await packed(rangeOfPart(part));
  if (bytes === null) throw differs('no more than a part of the member', 'IMAGE_TRUNCATED');
  return await partIn(bytes, part);
}

/** The bytes of an archive that hold a member, with the header that tells it from another one. */
export function rangeOfPart(part: Part): ByteRange {
  const headed = headedBytes(part);
  return { at: part.offset - headed, length: part.length + headed };
}

/**
 * A member from the bytes of its range.
 *
 * @throws VisionError IMAGE_UNREADABLE where another one lies there, and as {@link unpackPart} does
 */
export async function partIn(bytes: Uint8Array, part: Part): Promise<Uint8Array> {
  const headed = headedBytes(part);
  if (headed > 0) mustBeHeaderOf(part, Buffer.from(bytes.buffer, bytes.byteOffset, headed));
  return await unpackPart(bytes.subarray(headed), part);
}

function headedBytes({ crc32: sum, offset }: Part): number {
  return sum === undefined ? Math.min(offset, BLOCK_BYTES) : 0;
}

/**
 * The bytes of a member from those that lie in the archive, a slice at a time.
 *
 * @throws VisionError IMAGE_UNREADABLE where they do not become what the archive says of them, by size and checksum;
 * IMAGE_TOO_LARGE for a bomb
 */
export async function unpackPart(packed: Uint8Array, part: Part): Promise<Uint8Array> {
  const bytes = part.packing === 'stored' ? packed : await inflated(packed, part.size);
  if (bytes.length !== part.size) throw differs(`${bytes.length} bytes where ${part.size} are listed`);
  if (part.crc32 !== undefined && (await checksumOf(bytes)) !== part.crc32) throw differs('bytes of another checksum');
  return bytes;
}

/** Ends as soon as there is more than was said. */
async function inflated(packed: Uint8Array, size: number): Promise<Uint8Array> {
  if (size > HARMLESS_BYTES && size > packed.length * MOST_FOR_ONE) throw isBomb(packed.length, size);
  const inflate = createInflateRaw({ chunkSize: Math.min(SLICE_BYTES, Math.max(size, constants.Z_MIN_CHUNK)) });
  pipeline([packed], inflate, () => {}); // what goes wrong is thrown by the loop below
  const chunks: AsyncIterable<Uint8Array> = inflate;
  const bytes = new Uint8Array(size);
  let done = 0;
  try {
    for await (const chunk of chunks) {
      if (done + chunk.length > size) throw differs(`more than the ${size} bytes that are listed`);
      bytes.set(chunk, done);
      done += chunk.length;
    }
  } catch (error) {
    if (error instanceof VisionError) throw error;
    throw differs(`what cannot be unpacked (${systemCodeOf(error)})`);
  }
  return bytes.subarray(0, done);
}

async function checksumOf(bytes: Uint8Array): Promise<number> {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
    if (at > 0) await setImmediate();
    sum = crc32(bytes.subarray(at, at + SLICE_BYTES), sum);
  }
  return sum;
}

/** A tar file has no checksums of its members, but a header before each that tells it from another one. */
function mustBeHeaderOf({ member, size }: Part, block: Buffer): void {
  const header = headerIn(block);
  // A longer name, or one in other letters, stands in a header of its own; what is written here is up to the packer.
  const isHere = /^[ -~]{1,90}$/.test(member);
  const isOther = header?.size !== size || (isHere && plainName(header.name) !== member);
  if (isOther) throw differs('another member');
}

/** Null for a block that is no header. */
function headerIn(block: Buffer): ReturnType<typeof tarHeader> {
  try {
    return tarHeader(block, 0);
  } catch {
    return null;
  }
}

function isBomb(packed: number, size: number): VisionError {
  return new VisionError('IMAGE_TOO_LARGE', `The member is packed as no image is: ${packed} bytes for ${size}.`, {
    fix: 'Unpack the archive, see whether it is one, and name the folder.',
  });
}

function differs(what: string, code: 'IMAGE_UNREADABLE' | 'IMAGE_TRUNCATED' = 'IMAGE_UNREADABLE'): VisionError {
  const fix = 'Start again when it has been written, or copy it again.';
  const sentence = `The archive has changed since it was listed, or is damaged: it holds ${what} there.`;
  return new VisionError(code, sentence, { fix });
}
