import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { Settings } from '../../config/schema.js';
import { messageOf } from '../core/errors.js';
import { EXIT, ExitError } from '../core/exit.js';
import { createOrienter } from '../engines/cpu-ocr/orientation.js';
import { createPixels, type Pixels } from '../pixels/prepare.js';
import type { Resources } from './resources.js';

/** The largest image that is decoded, in pixels, however much memory may be taken. */
const MAX_INPUT_PIXELS = 268_435_456;
/** Threads that libvips uses for one image; several images are in hand at once. */
const PIXEL_THREADS = 1;
/** Pages that are looked at for how they lie at once. */
const ORIENTER_SLOTS = Math.max(1, availableParallelism() - 1);

/**
 * Turns files into what a model can see; closed with the resources.
 *
 * @throws ExitError 2 where the passwords cannot be read
 */
export async function openPixels(
  { maxDecodeMb, passwordFile }: Pick<Settings, 'maxDecodeMb' | 'passwordFile'>,
  cwd: string,
  resources: Resources,
): Promise<Pixels> {
  const pdfPasswords = passwordFile === null ? [] : await passwordsIn(path.resolve(cwd, passwordFile), passwordFile);
  const orienter = createOrienter({ slots: ORIENTER_SLOTS }); // starts no thread before a page is to be turned
  resources.defer(() => orienter.close());
  const pixels = createPixels({
    threads: PIXEL_THREADS,
    maxInputPixels: MAX_INPUT_PIXELS,
    maxDecodeMb,
    pdfPasswords,
    orienter: (image) => orienter.orient(image),
  });
  resources.defer(() => pixels.close());
  return pixels;
}

/** One a line; a line's blanks may be part of it. */
async function passwordsIn(file: string, given: string): Promise<readonly string[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new ExitError(EXIT.usage, `The passwords in ${given} cannot be read (${messageOf(error)}).`, {
      cause: error,
    });
  });
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  return lines.filter((line) => line !== '');
}
