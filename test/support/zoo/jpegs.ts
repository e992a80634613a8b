import { drawn, LOSSY, PRINTED, type Visible } from './entry.js';
import { greys, quarters, storedAs } from './picture.js';

const COLOURS = quarters();
const jpeg = { quality: 95, chromaSubsampling: '4:4:4' };

/** JPEG by colour model, and upright by EXIF. */
export const JPEGS: readonly Visible[] = [
  { name: 'rgb.jpg', make: () => drawn(COLOURS).jpeg(jpeg).toBuffer(), sees: COLOURS, within: LOSSY },
  {
    name: 'halved-chroma.jpg',
    make: () => drawn(COLOURS).jpeg({ quality: 90, chromaSubsampling: '4:2:0' }).toBuffer(),
    sees: COLOURS,
    within: LOSSY,
  },
  {
    name: 'progressive.jpg',
    make: () =>
      drawn(COLOURS)
        .jpeg({ ...jpeg, progressive: true })
        .toBuffer(),
    sees: COLOURS,
    within: LOSSY,
  },
  {
    name: 'grey.jpg',
    make: () => drawn(greys()).toColourspace('b-w').jpeg(jpeg).toBuffer(),
    sees: greys(),
    within: LOSSY,
  },
  {
    name: 'wide-gamut.jpg',
    make: () => drawn(COLOURS).withIccProfile('p3').jpeg(jpeg).toBuffer(),
    sees: COLOURS,
    within: LOSSY,
  },
  {
    name: 'cmyk-with-profile.jpg',
    make: () => drawn(COLOURS).toColourspace('cmyk').withIccProfile('cmyk').jpeg(jpeg).toBuffer(),
    sees: COLOURS,
    within: PRINTED,
  },
  {
    name: 'cmyk-without-profile.jpg',
    make: () => drawn(COLOURS).toColourspace('cmyk').jpeg(jpeg).toBuffer(),
    sees: COLOURS,
    within: PRINTED,
  },
];

const FORMATS = [
  { format: 'jpeg', within: LOSSY },
  { format: 'png', within: LOSSY }, // it may be sent as JPEG
  { format: 'webp', within: LOSSY },
  { format: 'tiff', within: LOSSY },
] as const;

/** Every EXIF orientation in every format that can tell one. */
export const ORIENTED: readonly Visible[] = FORMATS.flatMap(({ format, within }) =>
  [1, 2, 3, 4, 5, 6, 7, 8].map((orientation) => ({
    name: `orientation-${orientation}.${format}`,
    make: () =>
      drawn(storedAs(COLOURS, orientation)).withMetadata({ orientation }).toFormat(format, { quality: 95 }).toBuffer(),
    sees: COLOURS,
    within,
  })),
);
