import { Buffer } from 'node:buffer';
import { crc32, deflateRawSync } from 'node:zlib';
import { type Header, pack } from 'tar-stream';

/** A member of a ZIP file that a test makes, lies and all. */
export interface ZipMember {
  readonly name: string | Buffer;
  readonly bytes?: Buffer;
  /** @defaultValue 8, deflate */
  readonly method?: number;
  /** General purpose bits (APPNOTE 4.4.4). @defaultValue 0x800, the name is UTF-8 */
  readonly flags?: number;
  /** Unix mode. @defaultValue 0o100644 */
  readonly mode?: number;
  /** What is said of the size unpacked, where that is not true. */
  readonly saidSize?: number;
  readonly saidCrc32?: number;
  /** Bytes of an extra field that the local header alone has. */
  readonly localExtra?: Buffer;
  /** Whose bytes it has: the ordinal of an earlier member. */
  readonly sameAs?: number;
  /** Sizes and place in a ZIP64 field. */
  readonly zip64?: boolean;
}

/** A ZIP file (APPNOTE 4.3), with an archive comment if there is one. */
export function zipOf(members: readonly ZipMember[], comment = ''): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  const places: number[] = [];
  let at = 0;
  for (const member of members) {
    const headerAt = places[member.sameAs ?? -1] ?? at;
    places.push(headerAt);
    if (member.sameAs === undefined) {
      const local = localOf(member);
      locals.push(local);
      at += local.length;
    }
    directory.push(entryOf(member, headerAt));
  }
  const entries = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(entries.length, 12);
  end.writeUInt32LE(at, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...locals, entries, end, Buffer.from(comment)]);
}

function localOf(member: ZipMember): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  const { name, packed } = writeCommon(header.subarray(4), member);
  const extra = member.localExtra ?? Buffer.alloc(0);
  header.writeUInt16LE(extra.length, 28);
  return Buffer.concat([header, name, extra, packed]);
}

const LARGE = 0xffffffff;

function entryOf(member: ZipMember, headerAt: number): Buffer {
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE((3 << 8) | 20, 4);
  const { name, packed, size } = writeCommon(header.subarray(6), member);
  header.writeUInt32LE(((member.mode ?? 0o100644) << 16) >>> 0, 38);
  header.writeUInt32LE(headerAt, 42);
  if (member.zip64 !== true) return Buffer.concat([header, name]);
  const extra = Buffer.alloc(28);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(24, 2);
  for (const [field, value] of [size, packed.length, headerAt].entries()) {
    extra.writeBigUInt64LE(BigInt(value), 4 + 8 * field);
  }
  for (const place of [20, 24, 42]) header.writeUInt32LE(LARGE, place);
  header.writeUInt16LE(extra.length, 30);
  return Buffer.concat([header, name, extra]);
}

/** What both headers of a member say, from "version needed" on. */
function writeCommon(header: Buffer, { bytes = Buffer.from('x'), flags, method = 8, ...member }: ZipMember) {
  const name = Buffer.from(member.name);
  const packed = method === 8 ? deflateRawSync(bytes) : bytes;
  const size = member.saidSize ?? bytes.length;
  header.writeUInt16LE(20, 0);
  header.writeUInt16LE(flags ?? 0x800, 2);
  header.writeUInt16LE(method, 4);
  header.writeUInt32LE(member.saidCrc32 ?? crc32(bytes), 10);
  header.writeUInt32LE(packed.length, 14);
  header.writeUInt32LE(size, 18);
  header.writeUInt16LE(name.length, 22);
  return { name, packed, size };
}

/** A member of a tar file: its header, and its bytes where it has some. */
export type TarEntry = Partial<Header> & { readonly name: string; readonly bytes?: Buffer };

/** A tar file, as a widely used packer writes it: ustar, and PAX headers where a name needs them. */
export async function tarOf(entries: readonly TarEntry[]): Promise<Buffer> {
  const packer = pack();
  for (const { bytes = Buffer.from('x'), ...header } of entries) {
    if (header.type === undefined || header.type === 'file') packer.entry(header, bytes);
    else packer.entry(header);
  }
  packer.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of packer) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A header block of a tar file and what follows it, for what no packer writes. */
export function tarBlocks(type: string, name: string | Buffer, bytes: Buffer, saidSize = bytes.length): Buffer {
  const block = Buffer.alloc(512);
  Buffer.from(name).copy(block, 0, 0, 100);
  block.write('0000644\0', 100);
  block.write(`${saidSize.toString(8).padStart(11, '0')} `, 124);
  block.write(type, 156, 'latin1');
  block.write('ustar  \0', 257, 'latin1');
  block.write('        ', 148);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([block, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
}
