import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { PixelSettings } from '../../../src/core/ask.js';
import { createPixels } from '../../../src/pixels/prepare.js';
import { mayBeCut, mostTiles, planTiles } from '../../../src/pixels/tiles.js';
import { somePixels } from '../../support/builders.js';
import { Page } from './pages.js';
import { BLUE, banded, colourAt, GREEN, RED } from './pictures.js';

const { prepareTiles } = createPixels({ threads: 1, maxInputPixels: 50_000_000 });

const tilesOf = async (bytes: Uint8Array, changes: Partial<PixelSettings> = {}) =>
  await prepareTiles({ bytes, page: 1 }, somePixels(changes));

const png = ({ pixels, width, height }: Page) =>
  sharp(pixels, { raw: { width, height, channels: 1 } })
    .png({ compressionLevel: 1 })
    .toBuffer();

describe('where a page is cut', () => {
  it('is nowhere on pages up to four times as high as wide, on wide ones and with --pixels as-is', () => {
    expect(planTiles({ width: 500, height: 2000 }, somePixels())).toBeNull();
    expect(planTiles({ width: 9000, height: 500 }, somePixels())).toBeNull();
    expect(planTiles({ width: 50, height: 390 }, somePixels())).toBeNull();
    expect(planTiles({ width: 500, height: 9000 }, somePixels({ mode: 'as-is' }))).toBeNull();
    expect(mostTiles({ width: 500, height: 2000 }, somePixels())).toBe(1);
  });

  it('is so often that no tile is more than twice as high as wide, and twelve times at most', () => {
    expect(mostTiles({ width: 500, height: 2010 }, somePixels())).toBe(3);
    expect(mostTiles({ width: 400, height: 4000 }, somePixels())).toBe(6);
    expect(mostTiles({ width: 300, height: 60_000 }, somePixels())).toBe(12);
  });

  it.each([
    { width: 400, height: 1700 },
    { width: 60, height: 480 },
    { width: 576, height: 12_345 },
    { width: 300, height: 60_000 },
  ])('leaves no row out, and has a fifth of each tile in the next one: %o', ({ width, height }) => {
    const tiles = planTiles({ width, height }, somePixels()) ?? [];
    expect(tiles[0]?.top).toBe(0);
    expect((tiles.at(-1)?.top ?? 0) + (tiles.at(-1)?.height ?? 0)).toBe(height);
    for (const [at, tile] of tiles.slice(1).entries()) {
      const before = tiles[at];
      const shared = (before?.top ?? 0) + (before?.height ?? 0) - tile.top;
      expect(tile).toMatchObject({ left: 0, width, height: before?.height });
      expect(shared).toBeGreaterThanOrEqual(Math.max(59, 0.17 * tile.height));
      expect(shared).toBeLessThanOrEqual(Math.max(62, 0.19 * tile.height));
    }
  });

  it('is not looked for on a page that its shape shows to be sent whole', () => {
    const page = (width: number, height: number) => ({ upright: { width, height }, isPlain: false, frames: 1 });
    expect(mayBeCut({ kind: 'pdf', facts: page(1654, 2339) }, somePixels())).toBe(false);
    expect(mayBeCut({ kind: 'heic', facts: page(3000, 4000) }, somePixels())).toBe(false);
    expect(mayBeCut({ kind: 'pdf', facts: page(300, 1300) }, somePixels())).toBe(true);
    expect(mayBeCut({ kind: 'pdf', facts: page(700, 900) }, somePixels({ fixedSide: 896 }))).toBe(true);
  });

  it('is across a scan where the model scales all to a side that is much smaller', () => {
    const settings = somePixels({ fixedSide: 896 });
    expect(mostTiles({ width: 1654, height: 2339 }, settings)).toBe(2);
    expect(mostTiles({ width: 850, height: 1100 }, settings)).toBe(1);
    expect(mostTiles({ width: 4000, height: 3000 }, settings)).toBe(1);
  });
});

describe('the tiles of a page', () => {
  it('show a receipt from top to bottom', async () => {
    const receipt = banded(200, 1000, [
      { top: 0, height: 100, colour: RED },
      { top: 480, height: 40, colour: GREEN },
      { top: 900, height: 100, colour: BLUE },
    ]);
    const tiles = (await tilesOf(await receipt.png().toBuffer())) ?? [];
    expect(tiles.map(({ width, height }) => [width, height])).toEqual([
      [200, 379],
      [200, 379],
      [200, 379],
    ]);
    const [first, second, third] = tiles.map(({ bytes }) => bytes);
    expect(await colourAt(first ?? Buffer.of(), 0.5, 0.1)).toEqual(RED);
    expect(await colourAt(second ?? Buffer.of(), 0.5, 0.5)).toEqual(GREEN);
    expect(await colourAt(third ?? Buffer.of(), 0.5, 0.9)).toEqual(BLUE);
  });

  it('are drawn of a dense page for a model with a fixed side, and of no other', async () => {
    const sides = { width: 1000, height: 1420 };
    const dense = await png(new Page(sides).writing({ lines: 50, height: 11, pitch: 24 }));
    const sparse = await png(new Page(sides).writing({ lines: 6, height: 50, pitch: 120 }));
    expect(await tilesOf(dense, { fixedSide: 896 })).toHaveLength(2);
    expect(await tilesOf(sparse, { fixedSide: 896 })).toBeNull();
    expect(await tilesOf(dense)).toBeNull();
  });

  it('are cut between two lines of writing, and say how much of them stands on two', async () => {
    const receipt = new Page({ width: 300, height: 1500 }).writing({ lines: 56, pitch: 26, height: 16, top: 20 });
    const tiles = (await tilesOf(await png(receipt))) ?? [];
    expect(tiles).toHaveLength(3);
    expect(tiles[0]?.shared).toBe(0);
    for (const [at, tile] of tiles.entries()) {
      const { data, info } = await sharp(tile.bytes).greyscale().raw().toBuffer({ resolveWithObject: true });
      const rows = [at === 0 ? [] : data.subarray(0, info.width), at === 2 ? [] : data.subarray(-info.width)];
      expect(rows.flatMap((row) => [...row]).every((value) => value > 200)).toBe(true);
      if (at > 0) expect(tile.shared).toBeGreaterThan(0.05);
    }
  });

  it.each([
    ['green', [0, 255, 0], true],
    ['yellow', [255, 224, 0], true],
    ['faint grey', [216, 216, 216], true],
    ['no', [255, 255, 255], false],
  ])('share writing in bright colours and in pencil: %s', async (_, colour, isShared) => {
    const words = (x: number, y: number) => x > 60 && x < 300 && y % 60 < 24 && (x >> 1) % 10 === 0;
    const pixels = new Uint8Array(400 * 2000 * 3).fill(255);
    for (let at = 0; at < 400 * 2000; at += 1) if (words(at % 400, Math.floor(at / 400))) pixels.set(colour, at * 3);
    const page = sharp(pixels, { raw: { width: 400, height: 2000, channels: 3 } }).png({ compressionLevel: 1 });
    const tiles = (await tilesOf(await page.toBuffer())) ?? [];
    expect(tiles.slice(1).map(({ shared = 0 }) => shared > 0.05)).toEqual(tiles.slice(1).map(() => isShared));
  });

  it('of grainy paper share no writing where there is none', async () => {
    const receipt = new Page({ width: 300, height: 1500 }).grain(6);
    expect((await tilesOf(await png(receipt)))?.map(({ shared }) => shared)).toEqual([0, 0, 0]);
  });

  it('share no writing where none stands on both', async () => {
    const receipt = new Page({ width: 300, height: 1500 }).writing({ lines: 1, top: 20 });
    expect((await tilesOf(await png(receipt)))?.map(({ shared }) => shared)).toEqual([0, 0, 0]);
  });
});
