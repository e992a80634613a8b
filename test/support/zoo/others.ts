import { Buffer } from 'node:buffer';
import sharp, { type Sharp } from 'sharp';
import { drawn, EXACT, frames, LOSSY, type Visible } from './entry.js';
import { BLACK, corner, isInk, type Picture, painted, quarters, SMALL, WHITE, writing } from './picture.js';
import { type BmpForm, writeBmp } from './write-bmp.js';

const COLOURS = quarters();

const bmp = (form: BmpForm): Visible => ({
  name: `${['bmp', form.depth, form.packing, form.isTopDown && 'top-down', form.isCore && 'os2'].filter(Boolean).join('-')}.bmp`,
  make: () => writeBmp(form.depth === 1 ? corner() : COLOURS, form),
  sees: form.depth === 1 ? corner() : COLOURS,
  within: form.depth === 16 ? LOSSY : EXACT,
});

const BMPS: readonly Visible[] = [
  bmp({ depth: 1 }),
  bmp({ depth: 4 }),
  bmp({ depth: 8 }),
  bmp({ depth: 16 }),
  bmp({ depth: 16, packing: '565' }),
  bmp({ depth: 24 }),
  bmp({ depth: 32 }),
  bmp({ depth: 4, packing: 'rle' }),
  bmp({ depth: 8, packing: 'rle' }),
  bmp({ depth: 24, isTopDown: true }),
  bmp({ depth: 8, isTopDown: true }),
];

/** Dark writing on nothing, in sharp's hands. */
function darkOnNothing(): Sharp {
  const { width, height } = SMALL;
  const samples = Array.from({ length: width * height }, (_, at) =>
    isInk(at % width, Math.floor(at / width)) ? [0, 0, 0, 255] : [0, 0, 0, 0],
  );
  return sharp(Buffer.from(samples.flat()), { raw: { width, height, channels: 4 } });
}

/** The quarters as an SVG; `size` is what its root says of it. */
export function svg(size: string, content = ''): Buffer {
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ${size}>` +
      '<rect width="96" height="64" fill="#fff"/><rect width="48" height="32" fill="#f00"/>' +
      `<rect x="48" width="48" height="32" fill="#0f0"/><rect y="32" width="48" height="32" fill="#00f"/>${content}</svg>`,
  );
}

const seen = (name: string, make: Visible['make'], sees: Picture, within: number): Visible => ({
  ...{ name, make, sees, within },
});

/** Red, as the second frame that nobody is to see. */
const NEXT = painted(SMALL, () => [255, 0, 0]);

/** WebP, GIF, AVIF, BMP and SVG. */
export const OTHERS: readonly Visible[] = [
  seen('lossy.webp', () => drawn(COLOURS).webp({ quality: 95 }).toBuffer(), COLOURS, LOSSY),
  seen('lossless.webp', () => drawn(COLOURS).webp({ lossless: true }).toBuffer(), COLOURS, LOSSY),
  seen('clear.webp', () => darkOnNothing().webp({ lossless: true }).toBuffer(), writing(BLACK, WHITE), LOSSY),
  seen(
    'animated.webp',
    async () => (await frames([COLOURS, NEXT])).webp({ lossless: true }).toBuffer(),
    COLOURS,
    LOSSY,
  ),
  seen('palette.gif', () => drawn(COLOURS).gif().toBuffer(), COLOURS, EXACT),
  seen('clear.gif', () => darkOnNothing().gif().toBuffer(), writing(BLACK, WHITE), EXACT),
  seen('animated.gif', async () => (await frames([COLOURS, NEXT])).gif().toBuffer(), COLOURS, EXACT),
  seen('picture.avif', () => drawn(COLOURS).avif({ quality: 80, effort: 0 }).toBuffer(), COLOURS, LOSSY),
  seen('sized.svg', () => svg('width="96" height="64"'), COLOURS, EXACT),
  // neither is to keep anybody busy who looks for references
  seen(
    'spaces.svg',
    () => svg('width="96" height="64"', `<style>a{fill:url(${' '.repeat(100_000)}#b)}</style>`),
    COLOURS,
    EXACT,
  ),
  seen('defs.svg', () => svg('width="96" height="64"', `<defs>${'<use />'.repeat(5_000)}</defs>`), COLOURS, EXACT),
  ...BMPS,
];
