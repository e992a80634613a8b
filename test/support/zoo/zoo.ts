import type { Visible } from './entry.js';
import { JPEGS, ORIENTED } from './jpegs.js';
import { OTHERS } from './others.js';
import { PDFS } from './pdfs.js';
import { PNGS } from './pngs.js';
import { TIFFS } from './tiffs.js';

export type { Hopeless, Visible } from './entry.js';
export { HOPELESS } from './hopeless.js';

/** One of every kind that can be read: format, colour model, orientation, alpha, pages. */
export const VISIBLE: readonly Visible[] = [...JPEGS, ...ORIENTED, ...PNGS, ...TIFFS, ...OTHERS, ...PDFS];
