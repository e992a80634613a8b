import { Buffer } from 'node:buffer';
import type { Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
import { crc32, inflateRaw } from 'node:zlib';
import { VisionError } from '../../core/errors.js';
import type { Part } from '../../core/item.js';
import { type ByteRange, readRange } from '../file-range.js';
import { isGzipped } from '../spool/gunzip.js';
import type { GzipSpools } from '../spool/gzip-spools.js';
import { damaged, plainName } from './archive-member.js';
import { BLOCK_BYTES, tarHeader } from './tar-header.js';

const inflate = promisify(inflateRaw);

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
  const packed = (await isGzipped(handle))
    ? (range: ByteRange) => spools.read({ handle, stats, noun: 'archive' }, range)
    : (range: ByteRange) => readRange(handle, range);
  const headed = part.crc32 === undefined ? Math.min(part.offset, BLOCK_BYTES) : 0;
  const bytes = await packed({ at: part.offset - headed, length: part.length + headed });
  if (bytes === null) throw damaged('the member reaches beyond its end', 'IMAGE_TRUNCATED');
  if (headed > 0) mustBeHeaderOf(part, Buffer.from(bytes.buffer, bytes.byteOffset, headed));
  return await unpackPart(bytes.subarray(headed), part);
}

/**
 * The bytes of a member from those that lie in the archive.
 *
 * @throws VisionError IMAGE_UNREADABLE where they do not become what the archive says of them, by size and checksum
 */
export async function unpackPart(packed: Uint8Array, part: Part): Promise<Uint8Array> {
  const bytes = part.packing === 'stored' ? packed : await inflated(packed, part.size);
  if (bytes.length !== part.size) throw differs(`${bytes.length} bytes where ${part.size} are listed`);
  if (part.crc32 !== undefined && crc32(bytes) !== part.crc32) throw differs('bytes of another checksum');
  return bytes;
}

/** Ends as soon as there is more than was said. */
async function inflated(packed: Uint8Array, size: number): Promise<Uint8Array> {
  try {
    return await inflate(packed, { maxOutputLength: Math.max(size, 1) });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    if (code === 'ERR_BUFFER_TOO_LARGE') throw differs(`more than the ${size} bytes that are listed`);
    throw damaged(`the member cannot be unpacked (${code})`);
  }
}

/** A tar file has no checksums of its members, but a header before each that tells it from another one. */
function mustBeHeaderOf({ member, offset, size }: Part, block: Buffer): void {
  const header = tarHeader(block, offset - BLOCK_BYTES);
  // A longer name, or one in other letters, stands in a header of its own; what is written here is up to the packer.
  const isHere = /^[ -~]{1,90}$/.test(member);
  const isOther = header?.size !== size || (isHere && plainName(header.name) !== member);
  if (isOther) throw differs('another member');
}

function differs(what: string): VisionError {
  const fix = 'Start again when it has been written, or copy it again.';
  return new VisionError('IMAGE_UNREADABLE', `The archive is damaged or has changed: it holds ${what} there.`, { fix });
}
