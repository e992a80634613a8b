import { Buffer } from 'node:buffer';
import { cut, drawn, type Hopeless } from './entry.js';
import { svg } from './others.js';
import { QUARTERS_DRAWN } from './pdfs.js';
import { colourAt, quarters, SMALL } from './picture.js';
import { writeBmp } from './write-bmp.js';
import { writePdf } from './write-pdf.js';
import { writePng } from './write-png.js';
import { writeTiff } from './write-tiff.js';

const COLOURS = quarters();
const PDF = (): Buffer => writePdf([{ ...SMALL, content: QUARTERS_DRAWN }]);
const TRUTHFUL = { compression: 1, bitsPerSample: 8, photometric: 2, strip: COLOURS.pixels } as const;

/** A PNG of 96 × 64 whose header says something else. */
function lyingPng(width: number, height: number): Buffer {
  const png = writePng({ ...SMALL, bitDepth: 8, colourType: 2, samplesAt: (x, y) => colourAt(COLOURS, x, y) });
  png.writeUInt32BE(width, 16);
  png.writeUInt32BE(height, 20);
  return png;
}

/** A BMP of 96 × 64 whose header says something else. */
function lyingBmp(width: number, height: number): Buffer {
  const bmp = writeBmp(COLOURS, { depth: 24 });
  bmp.writeInt32LE(width, 18);
  bmp.writeInt32LE(height, 22);
  return bmp;
}

async function lyingGif(): Promise<Buffer> {
  const gif = await drawn(COLOURS).gif().toBuffer();
  const frame = gif.indexOf(0x2c, 13 + 3 * 4); // the image descriptor, after the header and a palette of four
  for (const at of [6, 8, frame + 5, frame + 7]) gif.writeUInt16LE(65_535, at);
  return gif;
}

const NO_IMAGE: readonly Hopeless[] = [
  { name: 'empty.jpg', make: () => new Uint8Array(), fails: 'IMAGE_UNREADABLE' },
  { name: 'letter.jpg', make: () => Buffer.from('Dear all,\nplease find attached.\n'), fails: 'IMAGE_UNREADABLE' },
  { name: 'login.png', make: () => Buffer.from('<!doctype html><title>Log in</title>'), fails: 'IMAGE_UNREADABLE' },
  { name: 'comments.png', make: () => Buffer.from(`${'<!-- -->'.repeat(100)}none`), fails: 'IMAGE_UNREADABLE' },
  {
    name: 'unclosed.svg',
    make: () => Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">${'<image '.repeat(20_000)}`),
    fails: 'IMAGE_UNREADABLE',
  },
  { name: 'noise.gif', make: () => new Uint8Array(5000).map((_, i) => (i * 7919) >> 3), fails: 'IMAGE_UNREADABLE' },
  { name: 'jpeg-2000.jp2', make: () => Buffer.from('0000000c6a5020200d0a870a', 'hex'), fails: 'IMAGE_UNSUPPORTED' },
  { name: 'codestream.jp2', make: () => Uint8Array.of(0xff, 0x4f, 0xff, 0x51), fails: 'IMAGE_UNSUPPORTED' },
  { name: 'jpeg-xl.jxl', make: () => Uint8Array.of(0xff, 0x0a, 1, 2), fails: 'IMAGE_UNSUPPORTED' },
];

const BOMBS: readonly Hopeless[] = [
  { name: 'bomb.png', make: () => lyingPng(60_000, 60_000), fails: 'IMAGE_TOO_LARGE' },
  { name: 'bomb.svg', make: () => svg('width="60000" height="60000"'), fails: 'IMAGE_TOO_LARGE' },
  { name: 'bomb.gif', make: lyingGif, fails: 'IMAGE_TOO_LARGE' },
  { name: 'bomb.bmp', make: () => lyingBmp(60_000, 60_000), fails: 'IMAGE_TOO_LARGE' },
  {
    name: 'bomb.tif',
    make: () => writeTiff([{ ...TRUTHFUL, width: 60_000, height: 60_000 }]),
    fails: 'IMAGE_TOO_LARGE',
  },
];

const DAMAGED: readonly Hopeless[] = [
  { name: 'cut.jpg', make: async () => cut(await drawn(COLOURS).jpeg().toBuffer(), 0.7), fails: 'IMAGE_TRUNCATED' },
  { name: 'cut.png', make: async () => cut(await drawn(COLOURS).png().toBuffer(), 0.7), fails: 'IMAGE_TRUNCATED' },
  {
    name: 'cut.webp',
    make: async () => cut(await drawn(COLOURS).webp().toBuffer(), 0.7),
    fails: 'IMAGE_TRUNCATED',
  },
  { name: 'cut.bmp', make: () => cut(writeBmp(COLOURS, { depth: 24 }), 0.7), fails: 'IMAGE_TRUNCATED' },
  { name: 'cut.pdf', make: () => cut(PDF(), 0.3), fails: 'PDF_UNREADABLE' },
  { name: 'header-only.pdf', make: () => Buffer.from('%PDF-1.7\n'), fails: 'PDF_UNREADABLE' },
  { name: 'no-pages.pdf', make: () => writePdf([]), fails: 'PDF_UNREADABLE' },
];

const LOCKED: readonly Hopeless[] = [
  {
    name: 'locked.pdf',
    make: () => writePdf([{ ...SMALL, content: QUARTERS_DRAWN }], { password: 'nobody knows' }),
    fails: 'PDF_ENCRYPTED',
  },
  {
    name: 'linked.svg',
    make: () => svg('width="96" height="64"', '<image xlink:href="scan.png" width="9" height="9"/>'),
    fails: 'IMAGE_UNSUPPORTED',
  },
  {
    name: 'entities.svg',
    make: () =>
      Buffer.from(
        '<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>' +
          '<svg xmlns="http://www.w3.org/2000/svg" width="96" height="64"><text>&b;</text></svg>',
      ),
    fails: 'IMAGE_UNSUPPORTED',
  },
];

/** Files that no careful person can read, and the code that says why. */
export const HOPELESS: readonly Hopeless[] = [...NO_IMAGE, ...BOMBS, ...DAMAGED, ...LOCKED];
