import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Rect, Size, SizeLimits } from '../../../../src/pixels/sizing.js';
import { numberBars, numberSize } from '../../../../src/pixels/stitch/digits.js';
import { planSheet, type Sheet } from '../../../../src/pixels/stitch/sheet.js';

const LIMITS: SizeLimits = { maxSide: 2000, maxPixels: 4_000_000 };

function planned(sizes: readonly Size[], limits: SizeLimits = LIMITS): Sheet {
  const sheet = planSheet(sizes, limits);
  if (sheet === null) throw new Error('Expected the images to fit');
  return sheet;
}

const overlap = (a: Rect, b: Rect): boolean =>
  a.left < b.left + b.width && b.left < a.left + a.width && a.top < b.top + b.height && b.top < a.top + a.height;

describe('a sheet of several images', () => {
  it('keeps to the limits and the multiple, and nothing on it touches an image', () => {
    const side = fc.integer({ min: 1, max: 5000 });
    const sizes = fc.array(fc.record({ width: side, height: side }), { minLength: 1, maxLength: 20 });
    const limits = fc.record({
      maxSide: fc.integer({ min: 1500, max: 4000 }),
      maxPixels: fc.integer({ min: 2_000_000, max: 8_000_000 }),
      leastSide: fc.integer({ min: 1, max: 300 }),
      multiple: fc.integer({ min: 1, max: 64 }),
    });
    fc.assert(
      fc.property(sizes, limits, (uprights, settings) => {
        const { canvas, images, labels, lines } = planned(uprights, settings);
        expect(Math.max(canvas.width, canvas.height)).toBeLessThanOrEqual(settings.maxSide);
        expect(canvas.width * canvas.height).toBeLessThanOrEqual(settings.maxPixels);
        expect([canvas.width % settings.multiple, canvas.height % settings.multiple]).toEqual([0, 0]);
        expect(Math.min(canvas.width, canvas.height)).toBeGreaterThanOrEqual(Math.max(64, settings.leastSide));
        expect(images).toHaveLength(uprights.length);
        const everything = [...images, ...labels, ...lines];
        for (const rect of everything) {
          expect(Math.min(rect.left, rect.top)).toBeGreaterThanOrEqual(0);
          expect(rect.left + rect.width).toBeLessThanOrEqual(canvas.width);
          expect(rect.top + rect.height).toBeLessThanOrEqual(canvas.height);
          expect([rect.width, rect.height].every((length) => Number.isInteger(length) && length >= 1)).toBe(true);
        }
        for (const image of images) {
          expect(everything.filter((other) => other !== image && overlap(image, other))).toEqual([]);
        }
      }),
    );
  });

  it('has all images at one height, the largest that there is room for', () => {
    const sizes = [
      { width: 3000, height: 2000 },
      { width: 600, height: 800 },
    ];
    const { canvas, images } = planned(sizes);
    expect(new Set(images.map((image) => image.height)).size).toBe(1);
    expect(new Set(images.map((image) => image.top)).size).toBe(1);
    for (const [index, { width, height }] of images.entries()) {
      expect(Math.abs(width / height - (sizes[index]?.width ?? 0) / (sizes[index]?.height ?? 1))).toBeLessThan(0.01);
    }
    expect(canvas.width).toBeGreaterThan(1990);
  });

  it('is no larger than its tallest image needs', () => {
    const { images } = planned([
      { width: 200, height: 300 },
      { width: 50, height: 60 },
    ]);
    expect(images).toMatchObject([
      { width: 200, height: 300 },
      { width: 250, height: 300 },
    ]);
  });

  it('keeps a very wide image from dwarfing the others', () => {
    const [strip, photo] = planned([
      { width: 8000, height: 100 },
      { width: 1000, height: 1000 },
    ]).images;
    expect(photo?.height).toBeGreaterThan(350);
    expect(Math.abs((strip?.width ?? 0) / (strip?.height ?? 1) - 80)).toBeLessThan(2);
  });

  it('puts up to eight images in one row, and spreads more evenly', () => {
    const rowsOf = (count: number) => {
      const tops = planned(Array.from({ length: count }, () => ({ width: 300, height: 400 }))).images.map((i) => i.top);
      return [...new Set(tops)].map((top) => tops.filter((other) => other === top).length);
    };
    expect([1, 2, 8, 9, 16, 17].map(rowsOf)).toEqual([[1], [2], [8], [5, 4], [8, 8], [6, 6, 5]]);
  });

  it('counts on in the second row', () => {
    const { images, labels } = planned(Array.from({ length: 9 }, () => ({ width: 60, height: 80 })));
    const { left = 0, top = 0 } = images[5] ?? {};
    expect(labels).toEqual(expect.arrayContaining([...numberBars(6, { left, top: top - 30, height: 24 })]));
  });

  it('is none where the images would be too small to be told apart', () => {
    const sizes = Array.from({ length: 8 }, () => ({ width: 1000, height: 1000 }));
    expect(planSheet(sizes, { maxSide: 200, maxPixels: 4_000_000 })).toBeNull();
    expect(planSheet(sizes, { maxSide: 2000, maxPixels: 20_000 })).toBeNull();
    expect(planSheet(sizes, { maxSide: 400, maxPixels: 4_000_000 })).not.toBeNull();
  });
});

/** The bars of a number as text, at a height of ten. */
function picture(value: number): readonly string[] {
  const { width, height } = numberSize(value, 10);
  const grid = Array.from({ length: height }, () => Array.from({ length: width }, () => '.'));
  for (const bar of numberBars(value, { left: 0, top: 0, height })) {
    for (let y = bar.top; y < bar.top + bar.height; y += 1) grid[y]?.fill('#', bar.left, bar.left + bar.width);
  }
  return grid.map((row) => row.join(''));
}

describe('a number in bars', () => {
  it('looks like its digits', () => {
    expect(picture(12)).toEqual([
      '....##....######',
      '....##....######',
      '....##........##',
      '....##........##',
      '....##....######',
      '....##....######',
      '....##....##....',
      '....##....##....',
      '....##....######',
      '....##....######',
    ]);
  });

  it('lights every bar of an 8 but the middle one for 0, and no two digits are alike', () => {
    const digits = Array.from({ length: 10 }, (_, digit) => picture(digit).join('\n'));
    expect(new Set(digits).size).toBe(10);
    expect(digits[0]?.replaceAll('##..##', '######')).toBe(digits[8]?.replaceAll('##..##', '######'));
    expect(picture(8)[5]).toBe('######');
    expect(picture(0)[5]).toBe('##..##');
    expect([4, 5, 7].map((digit) => picture(digit)[2])).toEqual(['##..##', '##....', '....##']);
  });
});
