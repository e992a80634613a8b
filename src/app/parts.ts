import { availableParallelism } from 'node:os';
import type { RunLimits } from '../../jobs/fleet.js';
import { createVerifier, type VerifyText } from '../../workers/verifier.js';
import type { Ask } from '../core/ask.js';
import type { Logger } from '../core/telling.js';
import { createCpuOcrEngine } from '../engines/cpu-ocr/engine.js';
import { createUrlReader, type UrlReader } from '../inputs/url-reader.js';
import { createPixels, type Pixels } from '../pixels/prepare.js';
import type { Resources } from './resources.js';

/** The largest file that is opened. */
export const MAX_SOURCE_BYTES = 512 * 1024 * 1024;
/** The largest image that is decoded, in pixels: beyond it a small file can fill the memory of a machine. */
const MAX_INPUT_PIXELS = 268_435_456;
/** Threads that libvips uses for one image; several images are in hand at once. */
const PIXEL_THREADS = 1;

/** Turns files into what a model can see. */
export function createPixelPool(): Pixels {
  return createPixels({ threads: PIXEL_THREADS, maxInputPixels: MAX_INPUT_PIXELS });
}

/** What fetching one image may take, redirects and its server's own waits included. */
const URL_TIMEOUT_MS = 60_000;
const MOST_REDIRECTS = 5;

/** Fetches images; closed with the resources. */
export function openUrls(
  { allowPrivateUrls, version }: { readonly allowPrivateUrls: boolean; readonly version: string },
  resources: Resources,
): UrlReader {
  const reader = createUrlReader({
    maxBytes: MAX_SOURCE_BYTES,
    timeoutMs: URL_TIMEOUT_MS,
    maxRedirects: MOST_REDIRECTS,
    allowPrivate: allowPrivateUrls,
    userAgent: `visionbatch/${version}`,
  });
  resources.defer(() => reader.close());
  return reader;
}

/** Pages that this machine can read a second time at once, beside everything else it does. */
export function verifySlots(): number {
  return Math.max(1, availableParallelism() - 1);
}

export interface VerifierParts {
  readonly ask: Ask;
  readonly limits: Pick<RunLimits, 'verifyShare'>;
  readonly logger: Logger;
}

/** What reads a run's pages a second time, on this machine's idle cores; null where nobody asked for it. */
export async function openVerifier(
  { ask, limits, logger }: VerifierParts,
  resources: Resources,
): Promise<VerifyText | null> {
  const { verifyShare: share } = limits;
  if (share === null) return null;
  const slots = verifySlots();
  const engine = createCpuOcrEngine({ slots, lang: ask.lang });
  resources.defer(() => engine.close());
  await engine.preflight(null, new AbortController().signal); // says what is missing before the first page is read
  return createVerifier({ engine, slots, share, ask, logger });
}
