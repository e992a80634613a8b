import { Buffer } from 'node:buffer';
import type { Failure } from '../../core/errors.js';
import { type RandomBytes, readRange } from '../file-range.js';
import { isImageName } from '../patterns.js';
import { damaged, linkProblem, type Member, NOWHERE, plainName } from './archive-member.js';
import { type ZipEntry, zipEntries } from './zip-directory.js';

/** Enough in flight to keep Node's I/O threads busy, few enough to hold. */
const HEADERS_AT_ONCE = 64;
/** Length of a local header without its names, and what it opens with (APPNOTE 4.3.7). */
const HEADER_BYTES = 30;
const HEADER_SIGNATURE = 0x04034b50;

const STORED = 0;
const DEFLATE = 8;
const METHODS: Readonly<Record<number, string>> = {
  9: 'Deflate64',
  12: 'bzip2',
  14: 'LZMA',
  93: 'Zstandard',
  95: 'xz',
  97: 'WavPack',
  98: 'PPMd',
  99: 'AES encryption',
};

/**
 * The files in a ZIP file, a batch at a time, in the order of its directory. A member that cannot be read says why.
 *
 * @param size - of the file, in bytes
 * @throws VisionError IMAGE_UNREADABLE where the directory is not in order, or members share bytes, as those of a ZIP
 * bomb do
 */
export async function* zipMembers(handle: RandomBytes, size: number): AsyncGenerator<readonly Member[]> {
  let packed = 0;
  let pending: (Member | Promise<Member>)[] = [];
  try {
    for await (const entry of zipEntries(handle, size)) {
      if (entry.name.endsWith('/')) continue;
      packed += entry.packedBytes;
      if (packed > size) throw damaged('its members share bytes, as those of a ZIP bomb do');
      const member = memberOf(entry, { handle, size });
      if (member instanceof Promise) member.catch(() => {}); // it is awaited later, and told then
      pending.push(member);
      if (pending.length < HEADERS_AT_ONCE) continue;
      yield await Promise.all(pending);
      pending = [];
    }
  } catch (error) {
    yield await Promise.all(pending);
    throw error;
  }
  yield await Promise.all(pending);
}

interface ZipFile {
  readonly handle: RandomBytes;
  readonly size: number;
}

function memberOf(entry: ZipEntry, zip: ZipFile): Member | Promise<Member> {
  const name = plainName(entry.name.replace(/^[a-z]:\//i, ''));
  if (!isImageName(name)) return { name, place: NOWHERE };
  const problem = problemOf(entry);
  return problem === null ? placed(name, entry, zip) : { name, place: unplaced(entry), problem };
}

/** The local header says where the bytes begin: its names may be longer than those in the directory. */
async function placed(name: string, entry: ZipEntry, { handle, size }: ZipFile): Promise<Member> {
  const place = unplaced(entry);
  const fail = (what: string): Member => ({ name, place, problem: damaged(what).toFailure() });
  if (entry.headerAt + HEADER_BYTES > size) return fail('the member lies beyond its end');
  const head = await readRange(handle, { at: entry.headerAt, length: HEADER_BYTES });
  const header = Buffer.from(head ?? new Uint8Array(HEADER_BYTES));
  if (header.readUInt32LE(0) !== HEADER_SIGNATURE) return fail('the member does not lie where its directory says');
  const offset = entry.headerAt + HEADER_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28);
  if (offset + entry.packedBytes > size) return fail('the member reaches beyond its end');
  return { name, place: { ...place, offset } };
}

function unplaced({ crc32, method, packedBytes, unpackedBytes }: ZipEntry): Member['place'] {
  const packing = method === DEFLATE ? 'deflate' : 'stored';
  return { offset: 0, length: packedBytes, packing, size: unpackedBytes, crc32 };
}

function problemOf({ isEncrypted, isLink, method, packedBytes, unpackedBytes }: ZipEntry): Failure | null {
  if (isLink) return linkProblem(null);
  if (isEncrypted) {
    const message = 'The member is encrypted. Unpack the archive with its password and name the folder.';
    return { code: 'IMAGE_UNSUPPORTED', message };
  }
  if (method !== STORED && method !== DEFLATE) {
    const how = METHODS[method] ?? `method ${method}`;
    const message = `The member is packed with ${how}; stored and deflate are read. Unpack the archive and name the folder.`;
    return { code: 'IMAGE_UNSUPPORTED', message };
  }
  if (method === STORED && packedBytes !== unpackedBytes) {
    return damaged('the member has two sizes though it is not packed').toFailure();
  }
  return null;
}
