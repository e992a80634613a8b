import { choice, optional, text, whole } from '../kinds.js';
import { PAGE_RANGES } from '../page-ranges.js';
import { RUNS, SERVES, type SettingRows, setting } from '../setting.js';

/** What of a file with several pages is an item, and what it takes to open it. */
export const PAGES = {
  pages: setting({
    name: 'pages',
    kind: optional(PAGE_RANGES),
    default: null,
    defaultIs: 'all',
    meaning: 'pages of PDFs and TIFFs to take, such as 1-3,7 or 7- for the seventh to the last',
    commands: RUNS,
  }),
  frames: setting({
    name: 'frames',
    kind: choice('first', 'all'),
    default: 'first',
    meaning: 'of an animated GIF, WebP or PNG the first frame, or every one as a page',
    commands: RUNS,
  }),
  passwordFile: setting({
    name: 'password-file',
    kind: optional(text('FILE')),
    default: null,
    defaultIs: 'none',
    meaning: 'passwords of encrypted PDFs, one a line; each is tried',
    commands: SERVES,
  }),
  maxDecodeMb: setting({
    name: 'max-decode-mb',
    kind: whole({ min: 64, max: 65_536 }),
    default: 1_024,
    meaning: 'megabytes that decoding one image may take; one that needs more is IMAGE_TOO_LARGE',
    commands: SERVES,
  }),
} as const satisfies SettingRows;
