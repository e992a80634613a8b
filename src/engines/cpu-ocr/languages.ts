import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { messageOf, VisionError } from '../../core/errors.js';

/** One language's trained data, gzipped as its package ships it. */
export interface Language {
  /** As Tesseract names it: `eng`, `chi_sim`. */
  readonly code: string;
  readonly data: Uint8Array;
}

/** Path of a language's trained data, or null where its package is not installed. */
export type FindLanguage = (code: string) => string | null;

const require = createRequire(import.meta.url);

/** Looks for the npm package `@tesseract.js-data/<code>`; `eng` comes with the product. */
export const findLanguagePackage: FindLanguage = (code) => {
  try {
    return require.resolve(`@tesseract.js-data/${code}/4.0.0_best_int/${code}.traineddata.gz`);
  } catch {
    return null;
  }
};

/**
 * Reads the trained data of `deu+fra`. Throws VisionError MODEL_MISSING with the line that installs what is not there:
 * another language than the one asked for would be read without a word, and wrongly.
 */
export async function readLanguages(lang: string, find: FindLanguage): Promise<readonly Language[]> {
  const codes = lang.split('+');
  const odd = codes.find((code) => !/^[A-Za-z][A-Za-z_]*$/.test(code));
  if (odd !== undefined) {
    throw new VisionError('MODEL_MISSING', `Expected languages as Tesseract names them (deu+fra), got "${lang}".`);
  }
  const files = codes.map((code) => ({ code, path: find(code) }));
  const missing = files.filter(({ path }) => path === null).map(({ code }) => code);
  if (missing.length > 0) throw missingLanguages(missing);
  return await Promise.all(files.map(({ code, path }) => readLanguage(code, path ?? '')));
}

function missingLanguages(codes: readonly string[]): VisionError {
  const packages = codes.map((code) => `@tesseract.js-data/${code}`).join(' ');
  return new VisionError('MODEL_MISSING', `The built-in OCR has no data for ${codes.join(', ')}.`, {
    fix: `Where visionbatch is installed, run: npm install ${packages}`,
  });
}

async function readLanguage(code: string, path: string): Promise<Language> {
  try {
    return { code, data: await readFile(path) };
  } catch (error) {
    throw new VisionError('MODEL_LOAD_FAILED', `Cannot read ${path}: ${messageOf(error)}.`, { cause: error });
  }
}
