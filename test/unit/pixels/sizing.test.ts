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
  expect(image).toEqual({ width: 2000, height: 1334 });
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
