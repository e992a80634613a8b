import { link, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';

/** Name of one of the files, in the folder itself. */
export const FIRST_JPEG = 'page-0.jpg';

/** File systems let a file have so many names; ext4 ends at 65,000. */
const MOST_NAMES = 50_000;

export interface JpegsOptions {
  readonly count: number;
  /** Files in a folder of the folder; null puts all into the folder itself. */
  readonly aFolder: number | null;
  /** Size of each file; a small image takes about 700. */
  readonly bytes: number;
}

/** 100 KB each, in folders of 200. */
export const PAGES = { aFolder: 200, bytes: 100_000 } as const;

/**
 * Fills a folder with JPEGs. They are names of a few files: a benchmark measures what is made of them, and not how fast
 * a disk is.
 */
export async function writeJpegs(folder: string, { bytes, ...options }: JpegsOptions): Promise<void> {
  await writeOften(folder, await aJpeg(bytes), options);
}

/** Fills a folder with names of one JPEG, as {@link writeJpegs} does. */
export async function writeOften(
  folder: string,
  jpeg: Uint8Array,
  { count, aFolder }: Omit<JpegsOptions, 'bytes'>,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  let original = '';
  for (let n = 0; n < count; n += 1) {
    const within = n === 0 || aFolder === null ? '.' : `d${Math.floor(n / aFolder)}`;
    if (n === 1 || (aFolder !== null && n % aFolder === 0)) await mkdir(path.join(folder, within), { recursive: true });
    const file = path.join(folder, within, `page-${n}.jpg`);
    if (n % MOST_NAMES !== 0) {
      await link(original, file);
      continue;
    }
    original = file;
    await writeFile(file, jpeg);
  }
}

/** Fills a folder with small JPEGs of which no two have the same bytes. */
export async function writeDistinct(folder: string, count: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const jpeg = await aJpeg(LEAST_SIDE ** 2);
  for (let n = 0; n < count; n += 1) {
    const number = comment(16);
    number.writeUInt32BE(n, 4);
    const file = Buffer.concat([jpeg.subarray(0, 2), number, jpeg.subarray(2)]);
    await writeFile(path.join(folder, `page-${n}.jpg`), file);
  }
}

/** Soft shapes under fine grain, so that it costs a decoder about what a photo does. */
export async function aPhoto(width: number, height: number): Promise<Buffer> {
  const noise = (w: number, h: number, sigma: number) =>
    sharp({
      create: { width: w, height: h, channels: 3, background: 'grey', noise: { type: 'gaussian', mean: 128, sigma } },
    });
  const shapes = await noise(40, 30, 60).png().toBuffer();
  const grain = await noise(width, height, 12).png({ compressionLevel: 1 }).toBuffer();
  const soft = await sharp(shapes).resize(width, height, { kernel: 'cubic' }).png({ compressionLevel: 1 }).toBuffer();
  return await sharp(soft)
    .composite([{ input: grain, blend: 'soft-light' }])
    .jpeg({ quality: 88 })
    .toBuffer();
}

/** Smaller images are drawn on a larger canvas, which would be measured too. */
const LEAST_SIDE = 64;

/** Noise, as large as fits, filled up with comments to the byte. */
async function aJpeg(bytes: number): Promise<Buffer> {
  const side = Math.max(LEAST_SIDE, Math.floor(Math.sqrt(bytes)));
  const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const;
  const image = await sharp({ create: { width: side, height: side, channels: 3, background: 'grey', noise } })
    .jpeg({ quality: 60 })
    .toBuffer();
  const filling = bytes - image.length;
  if (filling < 4) return image;
  const comments = Math.ceil(filling / 65_000);
  const sizes = Array.from({ length: comments }, (_, n) => Math.floor((filling + n) / comments));
  return Buffer.concat([image.subarray(0, 2), ...sizes.map(comment), image.subarray(2)]);
}

/** A comment segment of that many bytes in all. */
function comment(bytes: number): Buffer {
  const segment = Buffer.alloc(bytes, 0x20);
  segment.writeUInt16BE(0xfffe, 0);
  segment.writeUInt16BE(bytes - 2, 2);
  return segment;
}
