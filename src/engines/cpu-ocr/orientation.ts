import { Buffer } from 'node:buffer';
import type { ModelImage } from '../../core/ask.js';
import { findLanguagePackage, readLanguages } from './languages.js';
import { ThreadPool } from './pool.js';

/** By how many degrees an image must be turned clockwise before its writing stands upright. */
type Turn = 0 | 90 | 180 | 270;

/** The same as an EXIF orientation (1: none, 6, 3, 8), which Tesseract heeds: nothing has to be decoded here. */
const TURNS = [
  { degrees: 0, exif: 1 },
  { degrees: 90, exif: 6 },
  { degrees: 180, exif: 3 },
  { degrees: 270, exif: 8 },
] as const satisfies readonly { readonly degrees: Turn; readonly exif: number }[];

export interface OrienterOptions {
  /** Images looked at at once, each on a thread of its own; at least 1. */
  readonly slots: number;
}

/** Tells how pages lie, and holds the threads that it reads with. */
export interface PageOrienter {
  /**
   * By how many degrees a JPEG must be turned clockwise before its writing stands upright; 0 where nothing tells.
   *
   * @throws VisionError as the built-in OCR does
   */
  orient(image: ModelImage): Promise<Turn>;
  close(): Promise<void>;
}

/** With this much of sure words on the page as it is, the other ways are not tried. */
const SURE = 150;
/** A page is turned only where that reads so many times as much, and this much at least. */
const LEAST_GAIN = 1.5;
const LEAST_TO_TURN = 60;

/**
 * Reads a page as it lies and, where that gives few words, turned as well, and takes the way that reads best. The `osd`
 * data of Tesseract would tell it faster, but is no part of the product.
 */
export function createOrienter({ slots }: OrienterOptions): PageOrienter {
  const pool = new ThreadPool({ slots, languages: (lang) => readLanguages(lang, findLanguagePackage) });
  const never = new AbortController().signal;
  const sureness = async (image: ModelImage, exif: number): Promise<number> =>
    surenessOf((await pool.recognize(withOrientation(image.bytes, exif), 'eng', never)).tsv);
  return {
    async orient(image) {
      const [upright, ...others] = TURNS;
      const asItIs = await sureness(image, upright.exif);
      if (asItIs >= SURE) return 0;
      let best: { readonly degrees: Turn; readonly sure: number } = { degrees: 0, sure: asItIs };
      for (const { degrees, exif } of others) {
        const sure = await sureness(image, exif);
        if (sure > best.sure) best = { degrees, sure };
      }
      return best.sure >= Math.max(LEAST_TO_TURN, LEAST_GAIN * asItIs) ? best.degrees : 0;
    },
    close: () => pool.close(),
  };
}

/** Where a line of Tesseract's table of boxes has a word, how sure it is (0 … 100), and which kind of box it is. */
const KIND = 0;
const CONFIDENCE = 10;
const TEXT = 11;
const WORD = '5';
/** Upside down, letters read as other letters, but seldom surely, and seldom as three in a row. */
const LEAST_CONFIDENCE = 60;
const LEAST_LETTERS = 3;

/** How much was read that is surely words: their letters, each weighed by how much surer than chance its word is. */
function surenessOf(tsv: string): number {
  let sum = 0;
  for (const line of tsv.split('\n')) {
    const cells = line.split('\t');
    const confidence = Number(cells[CONFIDENCE]);
    const letters = (cells[TEXT] ?? '').replace(/[^\p{L}\p{N}]/gu, '').length;
    if (cells[KIND] !== WORD || !(confidence >= LEAST_CONFIDENCE) || letters < LEAST_LETTERS) continue;
    sum += (letters * (confidence - LEAST_CONFIDENCE)) / (100 - LEAST_CONFIDENCE);
  }
  return sum;
}

/** A JPEG with an EXIF block after its first marker that says no more than its orientation (TIFF tag 0x0112). */
function withOrientation(jpeg: Uint8Array, orientation: number): Uint8Array {
  const segment = Buffer.from(
    'ffe10022457869660000' + '4d4d002a00000008' + '0001' + '011200030000000100010000' + '00000000',
    'hex',
  );
  segment[29] = orientation;
  return Buffer.concat([jpeg.subarray(0, 2), segment, jpeg.subarray(2)]);
}
