import { choice, optional, SWITCH, whole } from '../kinds.js';
import { RUNS, type SettingRows, setting } from '../setting.js';

/** How an image becomes what the model sees; part of what is asked. */
export const PIXELS = {
  pixels: setting({
    name: 'pixels',
    kind: choice('auto', 'as-is'),
    default: 'auto',
    meaning: "upright, on white, in a size the model reads; or the file's bytes as they are",
    commands: RUNS,
  }),
  maxSide: setting({
    name: 'max-side',
    kind: optional(whole({ min: 28, max: 16_384 })),
    default: null,
    defaultIs: 'what suits the model, else 2000',
    meaning: 'longest side of an image as it is sent',
    unit: 'pixels',
    commands: RUNS,
  }),
  maxPixels: setting({
    name: 'max-pixels',
    kind: whole({ min: 784, max: 100_000_000 }),
    default: 3_000_000, // in blocks of 28 × 28 this and a 4,096-token answer fit into 8,192 tokens; A4 at 2,000 is below
    meaning: 'width times height of an image as it is sent',
    unit: 'pixels',
    commands: RUNS,
  }),
  dpi: setting({
    name: 'dpi',
    kind: whole({ min: 36, max: 1_200 }),
    default: 200,
    meaning: 'dots per inch at which pages of PDFs are drawn, unless that is more than is sent',
    commands: RUNS,
  }),
  pdfText: setting({
    name: 'pdf-text',
    kind: choice('ignore', 'prefer'),
    default: 'ignore',
    meaning: 'prefer: a PDF page that holds its text is answered by it, and no model is asked',
    commands: ['ocr', 'run'],
  }),
  blankCheck: setting({
    name: 'blank-check',
    kind: SWITCH,
    default: true,
    meaning: 'a page without ink is blank, and no model is asked; files that are sent as they are are not looked at',
    commands: ['ocr', 'run'],
  }),
  rotate: setting({
    name: 'rotate',
    kind: choice('exif', 'auto'),
    default: 'exif',
    meaning: 'turn images as their files say; auto: also pages whose writing lies on its side or head',
    commands: ['ocr', 'run'],
  }),
  deskew: setting({
    name: 'deskew',
    kind: SWITCH,
    default: false,
    meaning: 'straighten pages that were scanned askew',
    commands: ['ocr', 'run'],
  }),
} as const satisfies SettingRows;
