import type { Buffer } from 'node:buffer';
import type { VisionError } from '../../core/errors.js';
import type { BytePath } from '../byte-path.js';
import { damaged } from './archive-member.js';
import type { ForwardBytes } from './forward-bytes.js';
import { BLOCK_BYTES, paxRecords, type TarHeader, tarHeader } from './tar-header.js';

/** A member of a tar file that is no folder. */
export interface TarMember {
  /** As it is written there. */
  readonly name: BytePath;
  /** `other`: a device, a pipe, a volume's label. */
  readonly kind: 'file' | 'link' | 'sparse' | 'other';
  /** Where its bytes begin, from the tar file's start, and how many they are. */
  readonly offset: number;
  readonly size: number;
  readonly linkName: BytePath;
}

/** What headers before a member's own say of it. */
interface Said {
  readonly name?: BytePath | undefined;
  readonly size?: number | undefined;
  readonly linkName?: BytePath | undefined;
  readonly isSparse?: boolean;
}

/** A longer name or header is none: memory must not be filled with it. */
const MAX_SAID_BYTES = 1_048_576;

/**
 * The members of a tar file (v7, ustar, GNU, PAX), in its order. While one is told the bytes stand at its first one, and
 * it may be read; no other member may.
 *
 * @throws VisionError IMAGE_UNREADABLE where a header is not in order, IMAGE_TRUNCATED where the file ends too early
 */
export async function* tarMembers(bytes: ForwardBytes): AsyncGenerator<TarMember> {
  let common: Said = {};
  let said: Said = {};
  for (let header = await nextHeader(bytes); header !== null; header = await nextHeader(bytes)) {
    const further = await saidIn(bytes, header);
    if (further !== null && header.type === 'g') common = { ...common, ...further };
    else if (further !== null) said = { ...said, ...further };
    else {
      const member = await memberOf(header, { ...common, ...said }, bytes);
      said = {};
      if (!isFolder(member, header)) yield member;
      await pass(bytes, member.offset, member.size);
    }
  }
}

/**
 * Null at the end: a block of zeros, and nothing but zeros behind it. Where another tar file stands there, as `cat a.tar
 * b.tar` makes it, that is read on.
 */
async function nextHeader(bytes: ForwardBytes): Promise<TarHeader | null> {
  for (let zeros = 0; ; zeros += 1) {
    const at = bytes.position;
    const block = await bytes.read(BLOCK_BYTES);
    const isLast = block.length < BLOCK_BYTES;
    if (isLast && zeros === 0) throw endsEarly();
    const header = tarHeader(block, at);
    if (header !== null || isLast) return header;
  }
}

/** What a header says of members after it; null where it is a member's own. */
async function saidIn(bytes: ForwardBytes, header: TarHeader): Promise<Said | null> {
  switch (header.type) {
    case 'g':
    case 'x':
      return saidBy(await body(bytes, header));
    case 'L':
      return { name: unended(await body(bytes, header)) };
    case 'K':
      return { linkName: unended(await body(bytes, header)) };
    default:
      return null;
  }
}

/** Older programs write a folder as a file whose name ends with `/`. */
function isFolder({ name }: TarMember, { type }: TarHeader): boolean {
  return type === '5' || name === '' || name.endsWith('/');
}

async function memberOf(header: TarHeader, said: Said, bytes: ForwardBytes): Promise<TarMember> {
  const { isExtended, linkName, name, type } = header;
  if (type === 'S' && isExtended) await passSparsePlaces(bytes);
  const kind = said.isSparse === true && kindOf(type) === 'file' ? 'sparse' : kindOf(type);
  return {
    name: said.name ?? name,
    kind,
    offset: bytes.position,
    size: NO_BYTES.has(type) ? 0 : (said.size ?? header.size),
    linkName: said.linkName ?? linkName,
  };
}

/** Links, devices, folders and pipes have none, whatever their header says. */
const NO_BYTES: ReadonlySet<string> = new Set('123456'.split(''));

function kindOf(type: string): TarMember['kind'] {
  if (type === '0' || type === '\0' || type === '7') return 'file';
  if (type === '1' || type === '2') return 'link';
  return type === 'S' ? 'sparse' : 'other';
}

function saidBy(pax: Buffer): Said {
  const records = paxRecords(pax);
  const size = records.get('size');
  if (size !== undefined && !/^\d{1,15}$/.test(size)) throw damaged('a PAX header has no size');
  const isSparse = [...records.keys()].some((keyword) => keyword.startsWith('GNU.sparse.'));
  const name = records.get('GNU.sparse.name') ?? records.get('path');
  const linkName = records.get('linkpath');
  return {
    ...(name === undefined ? {} : { name }),
    ...(size === undefined ? {} : { size: Number(size) }),
    ...(linkName === undefined ? {} : { linkName }),
    ...(isSparse ? { isSparse } : {}),
  };
}

/** What follows a header that speaks of the next member. */
async function body(bytes: ForwardBytes, { size }: TarHeader): Promise<Buffer> {
  if (size > MAX_SAID_BYTES) throw damaged(`a header is said to have ${size} bytes`);
  const at = bytes.position;
  const said = await bytes.read(size);
  await pass(bytes, at, size);
  return said;
}

function unended(name: Buffer): BytePath {
  return name.toString('latin1').replace(/\0.*$/s, '');
}

/** Goes behind a member. The last one may lack what fills its block. */
async function pass(bytes: ForwardBytes, offset: number, size: number): Promise<void> {
  if (!(await bytes.skipTo(offset + size))) throw endsEarly();
  await bytes.skipTo(Math.ceil((offset + size) / BLOCK_BYTES) * BLOCK_BYTES);
}

/** Where the last byte but seven is set another block follows (GNU tar manual, `struct sparse_header`). */
async function passSparsePlaces(bytes: ForwardBytes): Promise<void> {
  for (let more = true; more; ) {
    const block = await bytes.read(BLOCK_BYTES);
    if (block.length < BLOCK_BYTES) throw endsEarly();
    more = block[504] !== 0;
  }
}

function endsEarly(): VisionError {
  return damaged('it ends too early', 'IMAGE_TRUNCATED');
}
