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
function pagesOf({ isBig, u16, u32, offset }: TiffReader): readonly number[] {
  const [entryBytes, countBytes, valueAt] = isBig ? [20, 8, 12] : [12, 2, 8];
  const seen = new Set<number>();
  const pages: number[] = [];
  let lookedAt = 0;
  for (let at = offset(isBig ? 8 : 4); at !== 0 && !seen.has(at); ) {
    const entries = isBig ? offset(at) : u16(at);
    let isPage = true;
    for (let entry = 0; entry < entries; entry += 1) {
      lookedAt += 1;
      if (seen.size + lookedAt > MOST_LOOKED_AT) return [];
      const start = at + countBytes + entry * entryBytes;
      const tag = u16(start);
      if (tag === NEW_SUBFILE_TYPE) isPage = (u32(start + valueAt) & REDUCED) === 0;
      if (tag >= NEW_SUBFILE_TYPE) break; // they are sorted
    }
    if (isPage) pages.push(seen.size);
    seen.add(at);
    at = offset(at + countBytes + entries * entryBytes);
  }
  return pages;
}
