import { link, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';

/** Name of one of them in the folder. */
export const FIRST_JPEG = 'page-0.jpg';

const IMAGE_BYTES = 100_000;
const FILES_A_FOLDER = 200;

/**
 * Fills a folder with JPEGs of 100 KB, in folders of 200. They are names of one file: a benchmark measures what is made
 * of the bytes, and not how fast a disk is.
 */
export async function writeJpegs(folder: string, count: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const first = path.join(folder, FIRST_JPEG);
  await writeFile(first, await aJpeg());
  for (let n = 1; n < count; n += 1) {
    const at = path.join(folder, `d${Math.floor(n / FILES_A_FOLDER)}`);
    if (n === 1 || n % FILES_A_FOLDER === 0) await mkdir(at, { recursive: true });
    await link(first, path.join(at, `page-${n}.jpg`));
  }
}

/** Noise, filled up with comments to the byte. */
async function aJpeg(): Promise<Buffer> {
  const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const;
  const image = await sharp({ create: { width: 400, height: 400, channels: 3, background: 'grey', noise } })
    .jpeg({ quality: 60 })
    .toBuffer();
  const filling = IMAGE_BYTES - image.length;
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
