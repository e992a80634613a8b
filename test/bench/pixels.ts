import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import pLimit from 'p-limit';
import sharp from 'sharp';
import { createPixels } from '../../src/pixels/prepare.js';
import { somePixels } from '../support/builders.js';
import { type BenchResult, median } from './bench.js';

const ROUNDS = 5;
const IMAGES_A_ROUND = 24;
const MAX_SIDE = 2000;

/** 12-megapixel JPEGs to model size: a bare sharp loop's time ÷ ours, at the same concurrency. */
export async function pixels(): Promise<readonly BenchResult[]> {
  const photo = await aPhoto(4000, 3000);
  const { prepareImage } = createPixels({ threads: 1, maxInputPixels: 100_000_000 });
  const ours = () => prepareImage({ bytes: photo, page: 1 }, somePixels({ maxSide: MAX_SIDE }));
  const bare = () =>
    sharp(photo)
      .autoOrient()
      .resize({ width: MAX_SIDE, height: MAX_SIDE, fit: 'inside' })
      .jpeg({ quality: 90 })
      .toBuffer();
  await secondsFor(bare);
  await secondsFor(ours);
  const rounds: { readonly bare: number; readonly ours: number }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    rounds.push({ bare: await secondsFor(bare), ours: await secondsFor(ours) });
  }
  const perSecond = (seconds: number): string => (IMAGES_A_ROUND / seconds).toFixed(1);
  return [
    {
      name: 'pixels',
      ratio: median(rounds.map((round) => round.bare / round.ours)),
      reach: 0.9,
      better: 'higher',
      detail: {
        'ours/s': perSecond(median(rounds.map((round) => round.ours))),
        'bare sharp/s': perSecond(median(rounds.map((round) => round.bare))),
        'file bytes': photo.length,
      },
    },
  ];
}

async function secondsFor(one: () => Promise<unknown>): Promise<number> {
  const limit = pLimit(availableParallelism());
  const start = performance.now();
  await Promise.all(Array.from({ length: IMAGES_A_ROUND }, () => limit(one)));
  return (performance.now() - start) / 1000;
}

/** Soft shapes under fine grain, so that it costs a decoder about what a photo does. */
async function aPhoto(width: number, height: number): Promise<Buffer> {
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
