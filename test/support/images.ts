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

/** A small PNG whose bytes depend on the number alone. */
export async function tinyPng(seed: number, size = 72): Promise<Buffer> {
  const background = { r: seed % 256, g: (seed >> 8) % 256, b: (seed >> 16) % 256 };
  return sharp({ create: { width: size, height: size, channels: 3, background } })
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
