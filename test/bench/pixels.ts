import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import pLimit from 'p-limit';
import sharp from 'sharp';
import { createPixels, type Pixels } from '../../src/pixels/prepare.js';
import { somePixels } from '../support/builders.js';
import { Page } from '../unit/pixels/pages.js';
import { type BenchResult, median } from './bench.js';
import { type LoopDelay, loopDelayDuring } from './event-loop.js';
import { aPhoto } from './jpegs.js';

const ROUNDS = 5;
const IMAGES_A_ROUND = 24;
const MAX_SIDE = 2000;

/** Longest that the event loop may be held up, 99 times of 100, in ms. */
const MOST_DELAY_MS = 30;

/**
 * 12-megapixel JPEGs to model size: a bare sharp loop's time ÷ ours, at the same concurrency; the event loop's delay
 * meanwhile, and while pages are looked at that are blank; and what the blank test adds to a page of one megapixel.
 */
export async function pixels(): Promise<readonly BenchResult[]> {
  const photo = await aPhoto(4000, 3000);
  const own = createPixels({ threads: 1, maxInputPixels: 100_000_000 });
  const ours = () => own.prepareImage({ bytes: photo, page: 1 }, somePixels({ maxSide: MAX_SIDE }));
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
  const empty = await emptyPage();
  const looked = () => own.prepareImage({ bytes: empty, page: 1 }, somePixels({ blankCheck: true }));
  const delay = await loopDelayDuring(async () => {
    await secondsFor(ours);
    await secondsFor(looked);
  });
  const speed: BenchResult = {
    name: 'pixels',
    ratio: median(rounds.map((round) => round.bare / round.ours)),
    reach: 0.9,
    better: 'higher',
    detail: {
      'ours/s': perSecond(median(rounds.map((round) => round.ours))),
      'bare sharp/s': perSecond(median(rounds.map((round) => round.bare))),
      'file bytes': photo.length,
    },
  };
  const results = [speed, delayResult('pixels: event loop', delay), await blankTest(own)];
  await own.close();
  return results;
}

function delayResult(name: string, { p99Ms, mostMs }: LoopDelay): BenchResult {
  const detail = { 'p99 ms': p99Ms.toFixed(1), 'longest ms': mostMs.toFixed(1) };
  return { name, ratio: p99Ms / MOST_DELAY_MS, reach: 1, better: 'lower', detail };
}

/** A page with nothing on it, at which the blank test looks longest. */
async function emptyPage(): Promise<Uint8Array> {
  const { pixels: bytes, width, height } = new Page({ width: 850, height: 1180 }).grain(3);
  return await sharp(bytes, { raw: { width, height, channels: 1 } })
    .jpeg()
    .toBuffer();
}

/** A written page of one megapixel, drawn with and without the blank test. */
async function blankTest(own: Pixels): Promise<BenchResult> {
  const { pixels: bytes, width, height } = new Page({ width: 850, height: 1180 }).writing({ lines: 45 }).grain(3);
  const page = await sharp(bytes, { raw: { width, height, channels: 1 } })
    .tiff({ compression: 'lzw' })
    .toBuffer();
  const draw = (blankCheck: boolean) => () => own.prepareImage({ bytes: page, page: 1 }, somePixels({ blankCheck }));
  await secondsFor(draw(true));
  const rounds: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const without = await secondsFor(draw(false));
    rounds.push((await secondsFor(draw(true))) / without);
  }
  const ratio = median(rounds);
  return { name: 'pixels: blank test', ratio, reach: 1.1, better: 'lower', detail: { megapixels: 1 } };
}

async function secondsFor(one: () => Promise<unknown>): Promise<number> {
  const limit = pLimit(availableParallelism());
  const start = performance.now();
  await Promise.all(Array.from({ length: IMAGES_A_ROUND }, () => limit(one)));
  return (performance.now() - start) / 1000;
}
