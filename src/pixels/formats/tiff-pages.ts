import { Buffer } from 'node:buffer';

const NEW_SUBFILE_TYPE = 254;
const REDUCED = 1;
/** Directories and entries that are looked at: scanners write far fewer, and a file that lies must hold nobody up. */
const MOST_LOOKED_AT = 500_000;

/**
 * Which of a TIFF's directories are pages, from 0: all but those that hold another one reduced (TIFF 6.0, section 8).
 * Null where its directories cannot be walked, or none of them is a page.
 */
export function tiffPages(file: Uint8Array): readonly number[] | null {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  try {
    const pages = pagesOf(readerOf(bytes));
    return pages.length === 0 ? null : pages;
  } catch (error) {
    if (error instanceof RangeError) return null; // it reaches beyond the file
    throw error;
  }
}

/** How numbers lie in a TIFF or BigTIFF. */
interface TiffReader {
  readonly isBig: boolean;
  readonly u16: (at: number) => number;
  readonly u32: (at: number) => number;
  readonly offset: (at: number) => number;
}

function readerOf(bytes: Buffer): TiffReader {
  const isLittle = bytes[0] === 0x49;
  const u16 = (at: number): number => (isLittle ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const u32 = (at: number): number => (isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const u64 = (at: number): number => Number(isLittle ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at));
  const isBig = u16(2) === 43;
  return { isBig, u16, u32, offset: isBig ? u64 : u32 };
}

/** The directories that are pages; none where there is no end to them. They may follow each other in a ring. */
function pagesOf(reader: TiffReader): readonly number[] {
  const { isBig, u16, offset } = reader;
  const [entryBytes, countBytes] = isBig ? [20, 8] : [12, 2];
  const seen = new Set<number>();
  const pages: number[] = [];
  let left = MOST_LOOKED_AT;
  for (let at = offset(isBig ? 8 : 4); at !== 0 && !seen.has(at); ) {
    const entries = isBig ? offset(at) : u16(at);
    const { isPage, lookedAt } = directoryAt(reader, at + countBytes, Math.min(entries, left));
    left -= 1 + lookedAt;
    if (left <= 0) return [];
    if (isPage) pages.push(seen.size);
    seen.add(at);
    at = offset(at + countBytes + entries * entryBytes);
  }
  return pages;
}

/** Looks at the entries of a directory that may say whether it is a page. */
function directoryAt(
  { isBig, u16, u32 }: TiffReader,
  first: number,
  entries: number,
): { readonly isPage: boolean; readonly lookedAt: number } {
  const [entryBytes, valueAt] = isBig ? [20, 12] : [12, 8];
  for (let entry = 0; entry < entries; entry += 1) {
    const at = first + entry * entryBytes;
    const tag = u16(at);
    const isReduced = tag === NEW_SUBFILE_TYPE && (u32(at + valueAt) & REDUCED) !== 0;
    if (tag >= NEW_SUBFILE_TYPE) return { isPage: !isReduced, lookedAt: entry }; // they are sorted
  }
  return { isPage: true, lookedAt: entries };
}
