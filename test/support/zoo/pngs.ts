import { Buffer } from 'node:buffer';
import { drawn, EXACT, LOSSY, type Visible } from './entry.js';
import {
  BLACK,
  type Colour,
  colourAt,
  corner,
  greys,
  isInk,
  type Picture,
  painted,
  quarters,
  RED,
  SMALL,
  WHITE,
  writing,
} from './picture.js';
import { type PngSpec, pngChunk, pngData, writePng } from './write-png.js';

const COLOURS = quarters();
const PALETTE: readonly Colour[] = [RED, [0, 255, 0], [0, 0, 255], WHITE];

type Depth = PngSpec['bitDepth'];

const greyPng = (bitDepth: Depth, picture: Picture): Visible => ({
  name: `grey-${bitDepth}-bit.png`,
  make: () =>
    writePng({
      ...SMALL,
      bitDepth,
      colourType: 0,
      samplesAt: (x, y) => [Math.round((colourAt(picture, x, y)[0] / 255) * (2 ** bitDepth - 1))],
    }),
  sees: picture,
  within: EXACT,
});

const palettePng = (bitDepth: 1 | 2 | 4 | 8): Visible => {
  const [palette, sees] = bitDepth === 1 ? [[BLACK, WHITE], corner()] : [PALETTE, COLOURS];
  const placeOf = (colour: Colour): number => palette.findIndex((entry) => entry.join() === colour.join());
  return {
    name: `palette-${bitDepth}-bit.png`,
    make: () =>
      writePng({
        ...SMALL,
        bitDepth,
        colourType: 3,
        palette,
        samplesAt: (x, y) => [placeOf(colourAt(sees, x, y))],
      }),
    sees,
    within: EXACT,
  };
};

/** Samples of 16 bits for samples of 8. */
const wide = (samples: readonly number[]): readonly number[] => samples.map((sample) => sample * 257);

const rgbPng = (bitDepth: 8 | 16): Visible => ({
  name: `rgb-${bitDepth}-bit.png`,
  make: () =>
    writePng({
      ...SMALL,
      bitDepth,
      colourType: 2,
      samplesAt: (x, y) => (bitDepth === 8 ? colourAt(COLOURS, x, y) : wide(colourAt(COLOURS, x, y))),
    }),
  sees: COLOURS,
  within: EXACT,
});

/** Writing on nothing: the clear pixels hold a colour that nobody is to see. */
const onNothing = (name: string, ink: Colour, paper: Colour): Visible => ({
  name,
  make: () =>
    writePng({
      ...SMALL,
      bitDepth: 8,
      colourType: 6,
      samplesAt: (x, y) => (isInk(x, y) ? [...ink, 255] : [...ink, 0]),
    }),
  sees: writing(ink, paper),
  within: 40, // how dark the paper is under white ink is a matter of taste
});

const greyAlphaPng = (bitDepth: 8 | 16): Visible => ({
  name: `grey-alpha-${bitDepth}-bit.png`,
  make: () => {
    const clear = bitDepth === 8 ? [40, 0] : [40 * 257, 0];
    const black = bitDepth === 8 ? [0, 255] : [0, 65_535];
    return writePng({ ...SMALL, bitDepth, colourType: 4, samplesAt: (x, y) => (isInk(x, y) ? black : clear) });
  },
  sees: writing(BLACK, WHITE),
  within: EXACT,
});

const half = painted(SMALL, () => [127, 127, 255]);

const TRANSPARENT: readonly Visible[] = [
  onNothing('dark-on-nothing.png', [20, 20, 20], WHITE),
  onNothing('white-on-nothing.png', WHITE, BLACK),
  greyAlphaPng(8),
  greyAlphaPng(16),
  {
    name: 'rgba-16-bit.png',
    make: () =>
      writePng({
        ...SMALL,
        bitDepth: 16,
        colourType: 6,
        samplesAt: (x, y) => [...wide(colourAt(COLOURS, x, y)), 65_535],
      }),
    sees: COLOURS,
    within: EXACT,
  },
  {
    name: 'half-clear.png',
    make: () => writePng({ ...SMALL, bitDepth: 8, colourType: 6, samplesAt: () => [0, 0, 255, 128] }),
    sees: half,
    within: EXACT,
  },
  {
    name: 'palette-with-a-clear-entry.png',
    make: () =>
      writePng({
        ...SMALL,
        bitDepth: 1,
        colourType: 3,
        palette: [RED, BLACK],
        transparency: [0, 255],
        samplesAt: (x, y) => [isInk(x, y) ? 1 : 0],
      }),
    sees: writing(BLACK, WHITE),
    within: EXACT,
  },
  {
    name: 'one-clear-grey.png',
    make: () =>
      writePng({
        ...SMALL,
        bitDepth: 8,
        colourType: 0,
        transparency: [0, 99],
        samplesAt: (x, y) => [isInk(x, y) ? 0 : 99],
      }),
    sees: writing(BLACK, WHITE),
    within: EXACT,
  },
];

/** PNG by colour type, depth and alpha. */
export const PNGS: readonly Visible[] = [
  greyPng(1, corner()),
  greyPng(2, greys()),
  greyPng(4, greys()),
  greyPng(8, greys()),
  greyPng(16, greys()),
  palettePng(1),
  palettePng(2),
  palettePng(4),
  palettePng(8),
  rgbPng(8),
  rgbPng(16),
  ...TRANSPARENT,
  {
    name: 'interlaced.png',
    make: () => drawn(COLOURS).png({ progressive: true }).toBuffer(),
    sees: COLOURS,
    within: LOSSY,
  },
  { name: 'animated.png', make: animatedPng, sees: COLOURS, within: LOSSY },
];

/** An APNG of two frames: the quarters, then black. */
export function animatedPng(): Buffer {
  const first: PngSpec = { ...SMALL, bitDepth: 8, colourType: 2, samplesAt: (x, y) => colourAt(COLOURS, x, y) };
  const second: PngSpec = { ...first, samplesAt: () => BLACK };
  const control = Buffer.from([0, 0, 0, 2, 0, 0, 0, 0]);
  return writePng({
    ...first,
    before: [pngChunk('acTL', control), frameControl(0)],
    after: [frameControl(1), pngChunk('fdAT', Buffer.concat([uint32(2), pngData(second)]))],
  });
}

function frameControl(sequence: number): Buffer {
  const place = [sequence, SMALL.width, SMALL.height, 0, 0].map(uint32);
  return pngChunk('fcTL', Buffer.concat([...place, Buffer.from([0, 1, 0, 10, 0, 0])]));
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
