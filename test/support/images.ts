import { Buffer } from 'node:buffer';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';

/** A folder of a test's own, removed after it. */
export interface TestFolder {
  readonly path: string;
  /** An absolute path in it. */
  at(...names: string[]): string;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function testFolder(): Promise<TestFolder> {
  const folder = await mkdtemp(path.join(tmpdir(), 'visionbatch-'));
  return {
    path: folder,
    at: (...names) => path.join(folder, ...names),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/** A small PNG whose bytes depend on the number alone: a cross within a ground, so that no page of it is blank. */
export async function tinyPng(seed: number, size = 72): Promise<Buffer> {
  const ground = [seed % 256, (seed >> 8) % 256, (seed >> 16) % 256];
  const cross = ground.map((channel) => (channel < 128 ? 255 : 0));
  const pixels = Buffer.alloc(size * size * 3);
  const isCross = (at: number) => at > size * 0.45 && at < size * 0.55;
  const isInside = (at: number) => at > size * 0.15 && at < size * 0.85;
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1)
      pixels.set((isCross(x) && isInside(y)) || (isCross(y) && isInside(x)) ? cross : ground, 3 * (y * size + x));
  }
  return sharp(pixels, { raw: { width: size, height: size, channels: 3 } })
    .png()
    .toBuffer();
}

/**
 * Writes `count` different images into folders of 100, as `d0/0000.png`.
 *
 * @returns their item keys in input order
 */
export async function writeImages(folder: string, count: number): Promise<readonly string[]> {
  const keys: string[] = [];
  for (let n = 0; n < count; n += 1) {
    const key = `d${String(Math.floor(n / 100)).padStart(2, '0')}/${String(n).padStart(4, '0')}.png`;
    if (n % 100 === 0) await mkdir(path.join(folder, path.dirname(key)), { recursive: true });
    await writeFile(path.join(folder, key), await tinyPng(n));
    keys.push(key);
  }
  return keys;
}
