import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isUnchanged, LEAST_SIDE, planSize } from '../../../src/pixels/sizing.js';

const side = fc.integer({ min: 1, max: 60_000 });
const limits = { maxSide: fc.integer({ min: 64, max: 8000 }), maxPixels: fc.integer({ min: 4096, max: 20_000_000 }) };

it('stays within both limits, on a canvas that no model crashes on', () => {
  fc.assert(
    fc.property(fc.record({ width: side, height: side }), fc.record(limits), (upright, settings) => {
      const { image, canvas } = planSize(upright, settings);
      expect(Math.max(image.width, image.height)).toBeLessThanOrEqual(
        Math.min(settings.maxSide, Math.max(upright.width, upright.height)),
      );
      expect(Math.min(image.width, image.height)).toBeGreaterThanOrEqual(1);
      const isThin = Math.min(image.width, image.height) === 1;
      if (!isThin) expect(image.width * image.height).toBeLessThanOrEqual(settings.maxPixels + 1);
      expect(Math.min(canvas.width, canvas.height)).toBeGreaterThanOrEqual(LEAST_SIDE);
      expect(Math.max(canvas.width, canvas.height) / Math.min(canvas.width, canvas.height)).toBeLessThanOrEqual(100);
    }),
  );
});

it('keeps the aspect to within a pixel', () => {
  const { image } = planSize({ width: 3000, height: 2001 }, { maxSide: 2000, maxPixels: 4_000_000 });
  expect(image).toEqual({ left: 0, top: 0, width: 2000, height: 1334 });
});

it('leaves alone what is neither too large nor too small', () => {
  const size = { width: 2000, height: 64 };
  expect(isUnchanged(size, planSize(size, { maxSide: 2000, maxPixels: 4_000_000 }))).toBe(true);
  expect(
    isUnchanged(
      { width: 2000, height: 63 },
      planSize({ width: 2000, height: 63 }, { maxSide: 2000, maxPixels: 4_000_000 }),
    ),
  ).toBe(false);
});

const demands = { leastSide: fc.integer({ min: 1, max: 600 }), multiple: fc.integer({ min: 1, max: 64 }) };

it('pads to the multiple and the least side, within the limits wherever they leave room for that', () => {
  fc.assert(
    fc.property(fc.record({ width: side, height: side }), fc.record({ ...limits, ...demands }), (upright, settings) => {
      const { image, canvas } = planSize(upright, settings);
      for (const length of [canvas.width, canvas.height]) {
        expect(length % settings.multiple).toBe(0);
        expect(length).toBeGreaterThanOrEqual(Math.max(LEAST_SIDE, settings.leastSide));
      }
      expect(canvas.width).toBeGreaterThanOrEqual(image.width);
      expect(canvas.height).toBeGreaterThanOrEqual(image.height);
      expect(Math.max(image.width / upright.width, image.height / upright.height)).toBeLessThanOrEqual(1);
      const least = Math.ceil(Math.max(LEAST_SIDE, settings.leastSide) / settings.multiple) * settings.multiple;
      if (least > settings.maxSide || least * least > settings.maxPixels) return;
      expect(Math.max(canvas.width, canvas.height)).toBeLessThanOrEqual(settings.maxSide);
      expect(canvas.width * canvas.height).toBeLessThanOrEqual(settings.maxPixels);
    }),
  );
});

it('shrinks no further than the padded canvas needs', () => {
  const settings = { maxSide: 2000, maxPixels: 4_000_000, leastSide: 64, multiple: 28 };
  expect(planSize({ width: 3000, height: 2000 }, settings)).toEqual({
    image: { left: 0, top: 9, width: 1988, height: 1325 },
    canvas: { width: 1988, height: 1344 },
  });
});

it('takes settings from before there was a multiple or a least side', () => {
  const old = { maxSide: 2000, maxPixels: 4_000_000 };
  expect(planSize({ width: 301, height: 20 }, old)).toEqual(
    planSize({ width: 301, height: 20 }, { ...old, leastSide: 64, multiple: 1 }),
  );
});
