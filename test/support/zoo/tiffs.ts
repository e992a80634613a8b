import { drawn, EXACT, frames, LOSSY, PRINTED, type Visible } from './entry.js';
import { corner, greys, quarters, SMALL, storedAs } from './picture.js';
import { group3Corner, type TiffImage, writeTiff } from './write-tiff.js';

const COLOURS = quarters();
const CORNER = corner();

const group3 = (compression: 2 | 3): Visible => ({
  name: `group-3-${compression}.tif`,
  make: () =>
    writeTiff([{ ...SMALL, compression, bitsPerSample: 1, photometric: 0, strip: group3Corner(compression) }]),
  sees: CORNER,
  within: EXACT,
  pages: 1,
});

const compressed = (compression: 'none' | 'lzw' | 'deflate' | 'packbits'): Visible => ({
  name: `${compression}.tif`,
  make: () => drawn(COLOURS).tiff({ compression }).toBuffer(),
  sees: COLOURS,
  within: EXACT,
  pages: 1,
});

const PAGES = [COLOURS, greys(), CORNER];

/** An uncompressed RGB page. */
export const tiffPage = (picture: typeof COLOURS, orientation = 1): TiffImage => ({
  ...{ width: picture.width, height: picture.height },
  ...{ compression: 1, bitsPerSample: 8, photometric: 2, orientation, strip: picture.pixels },
});

/** TIFF by compression and layout, and its pages. */
export const TIFFS: readonly Visible[] = [
  ...(['none', 'lzw', 'deflate', 'packbits'] as const).map(compressed),
  group3(2),
  group3(3),
  {
    name: 'group-4.tif',
    make: () => drawn(CORNER).toColourspace('b-w').tiff({ bitdepth: 1, compression: 'ccittfax4' }).toBuffer(),
    sees: CORNER,
    within: EXACT,
    pages: 1,
  },
  {
    name: 'white-is-zero.tif',
    make: () => drawn(CORNER).toColourspace('b-w').tiff({ bitdepth: 1, miniswhite: true }).toBuffer(),
    sees: CORNER,
    within: EXACT,
    pages: 1,
  },
  {
    name: 'jpeg-inside.tif',
    make: () => drawn(COLOURS).tiff({ compression: 'jpeg', quality: 95 }).toBuffer(),
    sees: COLOURS,
    within: LOSSY,
    pages: 1,
  },
  {
    name: 'tiled.tif',
    make: () => drawn(COLOURS).tiff({ tile: true, tileWidth: 32, tileHeight: 32, compression: 'lzw' }).toBuffer(),
    sees: COLOURS,
    within: EXACT,
    pages: 1,
  },
  {
    name: 'big.tif',
    make: () => drawn(COLOURS).tiff({ bigtiff: true, compression: 'lzw' }).toBuffer(),
    sees: COLOURS,
    within: EXACT,
    pages: 1,
  },
  {
    name: '16-bit.tif',
    make: () => drawn(COLOURS).toColourspace('rgb16').tiff({ compression: 'lzw' }).toBuffer(),
    sees: COLOURS,
    within: EXACT,
    pages: 1,
  },
  {
    name: 'cmyk.tif',
    make: () => drawn(COLOURS).toColourspace('cmyk').tiff({ compression: 'lzw' }).toBuffer(),
    sees: COLOURS,
    within: PRINTED,
    pages: 1,
  },
  ...PAGES.map((sees, index) => ({
    name: `three-pages-${index + 1}.tif`,
    make: async () => (await frames(PAGES)).tiff({ compression: 'lzw' }).toBuffer(),
    sees,
    within: EXACT,
    page: index + 1,
    pages: 3,
  })),
  ...[1, 2].map((page) => ({
    name: `pages-turned-each-their-own-way-${page}.tif`,
    make: () => writeTiff([tiffPage(storedAs(COLOURS, 6), 6), tiffPage(storedAs(COLOURS, 3), 3)]),
    sees: COLOURS,
    within: EXACT,
    page,
    pages: 2,
  })),
];
