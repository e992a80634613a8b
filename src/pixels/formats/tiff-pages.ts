import { Buffer } from 'node:buffer';

const NEW_SUBFILE_TYPE = 254;
const REDUCED = 1;
/** No scanner writes more; a file whose directories follow each other in a ring has no end. */
const MOST_DIRECTORIES = 100_000;

/**
 * Which of a TIFF's directories are pages, from 0: all but those that hold another one reduced (TIFF 6.0, section 8).
 * Null where its directories cannot be walked, or none of them is a page.
 */
export function tiffPages(file: Uint8Array): readonly number[] | null {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  try {
    const isPage = [...directories(readerOf(bytes))];
    const pages = isPage.flatMap((page, at) => (page ? [at] : []));
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

/** Of each directory in turn, whether it is a page. */
function* directories({ isBig, u16, u32, offset }: TiffReader): Generator<boolean> {
  const [entryBytes, countBytes, valueAt] = isBig ? [20, 8, 12] : [12, 2, 8];
  let at = offset(isBig ? 8 : 4);
  for (let count = 0; at !== 0 && count < MOST_DIRECTORIES; count += 1) {
    const entries = isBig ? offset(at) : u16(at);
    let isPage = true;
    for (let entry = 0; entry < entries; entry += 1) {
      const start = at + countBytes + entry * entryBytes;
      const tag = u16(start);
      if (tag === NEW_SUBFILE_TYPE) isPage = (u32(start + valueAt) & REDUCED) === 0;
      if (tag >= NEW_SUBFILE_TYPE) break; // they are sorted
    }
    yield isPage;
    at = offset(at + countBytes + entries * entryBytes);
  }
}
