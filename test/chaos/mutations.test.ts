import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { VisionError } from '../../src/core/errors.js';
import { createPixels } from '../../src/pixels/prepare.js';
import { somePixels } from '../support/builders.js';
import { seeded } from '../support/runs.js';
import { PDF_DPI } from '../support/zoo/pdfs.js';
import { VISIBLE, type Visible } from '../support/zoo/zoo.js';

const CUTS = 20;
const FLIPS = 50;
/** A file of a few kilobytes that takes longer has hung its decoder. */
const LONGEST_MS = 10_000;
const AT_ONCE = 4;

/** One of each way in which files are read. */
const KINDS = [
  ...['rgb.jpg', 'progressive.jpg', 'cmyk-without-profile.jpg', 'orientation-6.jpeg'],
  ...['rgb-16-bit.png', 'palette-4-bit.png', 'interlaced.png', 'animated.png', 'white-on-nothing.png'],
  ...['lossy.webp', 'animated.webp', 'animated.gif', 'picture.avif', 'sized.svg'],
  ...['lzw.tif', 'group-3-3.tif', 'group-4.tif', 'jpeg-inside.tif', 'tiled.tif', 'big.tif', 'three-pages-2.tif'],
  ...['bmp-24.bmp', 'bmp-8-rle.bmp', 'bmp-1.bmp'],
  ...['drawn.pdf', 'locked-with-a-known-password.pdf'],
];

const pixels = createPixels({ threads: 1, maxInputPixels: 2_000_000, pdfPasswords: ['sesame'] });
afterAll(() => pixels.close());

interface Mutant {
  /** What was done to the file. */
  readonly how: string;
  readonly bytes: Uint8Array;
}

/** The file cut at places spread over its length, and with a byte changed at random ones. */
function mutantsOf(file: Uint8Array, seed: number): readonly Mutant[] {
  const random = seeded(seed);
  const cuts = Array.from({ length: CUTS }, (_, cut) => Math.floor((file.length * cut) / CUTS));
  const flips = Array.from({ length: FLIPS }, () => [random(), random()] as const);
  return [
    ...cuts.map((length) => ({ how: `cut to ${length} bytes`, bytes: file.slice(0, length) })),
    ...flips.map(([where, what]) => {
      const bytes = file.slice();
      const at = Math.floor(where * bytes.length);
      bytes[at] = ((bytes[at] ?? 0) + 1 + Math.floor(what * 255)) & 0xff;
      return { how: `byte ${at} is ${bytes[at]}`, bytes };
    }),
  ];
}

/** What comes of a file: the code of a failure, or `shown` for an image that a model can be sent. */
async function outcomeOf(bytes: Uint8Array, { page, pages }: Visible): Promise<string> {
  try {
    const counted = pages === undefined ? undefined : await pixels.pagesOf(bytes, { frames: 'first' });
    if (counted !== undefined && counted < (page ?? 1)) return 'no such page';
    const which = { bytes, page: page ?? 1, ...(counted === undefined ? {} : { pages: counted }) };
    const { image } = await pixels.prepareImage(which, somePixels({ dpi: PDF_DPI }));
    const { info } = await sharp(image.bytes, { failOn: 'error' }).raw().toBuffer({ resolveWithObject: true });
    expect(info).toMatchObject({ width: image.width, height: image.height });
    return 'shown';
  } catch (error) {
    if (error instanceof VisionError) return error.code;
    throw error;
  }
}

async function inTime<T>(work: Promise<T>): Promise<T | 'hung'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'hung'>((resolve) => {
    timer = setTimeout(resolve, LONGEST_MS, 'hung');
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

describe(`a file cut at ${CUTS} places, and with ${FLIPS} bytes changed, is shown or fails by a name`, () => {
  it.each(KINDS.map((name, seed) => [name, seed] as const))('%s', async (name, seed) => {
    const animal = VISIBLE.find((one) => one.name === name);
    if (animal === undefined) throw new Error(`Expected ${name} in the zoo`);
    const file = Uint8Array.from(await animal.make());
    expect(await outcomeOf(file, animal)).toBe('shown');
    const mutants = mutantsOf(file, seed + 1);
    for (let from = 0; from < mutants.length; from += AT_ONCE) {
      const some = mutants.slice(from, from + AT_ONCE);
      const outcomes = await Promise.all(some.map(({ bytes }) => inTime(outcomeOf(bytes, animal))));
      for (const [index, outcome] of outcomes.entries())
        expect(outcome, some[index]?.how).toMatch(/^(shown|no such page|(IMAGE|PDF)_[A-Z_]+)$/);
    }
  });
});
