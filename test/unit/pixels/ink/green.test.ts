import { expect, it } from 'vitest';
import { greenOf } from '../../../../src/pixels/ink/green.js';

/** Green is 10 × y + x; red and blue are white. */
function aRaster(width: number, height: number) {
  const pixels = new Uint8Array(width * height * 3).fill(255);
  for (let at = 0; at < width * height; at += 1) pixels[3 * at + 1] = 10 * Math.floor(at / width) + (at % width);
  return { width, height, pixels };
}

it('is the green of each pixel where the part is small enough', () => {
  const view = { part: { left: 1, top: 2, width: 2, height: 2 }, longest: 2 };
  expect(greenOf(aRaster(5, 4), view)).toEqual({ width: 2, height: 2, pixels: Uint8Array.of(21, 22, 31, 32) });
});

it('is the mean of squares of the part where it is larger, what fills no square left out', () => {
  const view = { part: { left: 1, top: 0, width: 7, height: 4 }, longest: 4 };
  expect(greenOf(aRaster(9, 6), view)).toEqual({
    width: 3,
    height: 2,
    pixels: Uint8Array.of(6, 8, 10, 26, 28, 30),
  });
});

it('is the mean of every other pixel of every other row where squares are large', () => {
  const view = { part: { left: 0, top: 0, width: 10, height: 5 }, longest: 2 };
  const [left, right] = [(0 + 2 + 4) / 3, (5 + 7 + 9) / 3];
  expect(greenOf(aRaster(10, 5), view)).toEqual({ width: 2, height: 1, pixels: Uint8Array.of(20 + left, 20 + right) });
});

it('is the mean of its whole side where the part is thinner than a square', () => {
  const view = { part: { left: 1, top: 0, width: 2, height: 9 }, longest: 3 };
  expect(greenOf(aRaster(3, 9), view)).toEqual({ width: 1, height: 3, pixels: Uint8Array.of(11, 41, 71) });
});
