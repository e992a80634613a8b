import { createHash } from 'node:crypto';
import type { SentImage } from './request.js';

const LIST = Buffer.from('"images":["');
const QUOTE = '"'.charCodeAt(0);
const COMMA = ','.charCodeAt(0);

/** A body without its images, which stand in it as their numbers. */
export interface LiftedBody {
  readonly text: string;
  readonly images: readonly SentImage[];
}

/**
 * Takes the images out of a body without decoding or even making strings of them: they are most of its bytes, and
 * benchmarks send thousands. Reads JSON as `JSON.stringify` writes it; an image's SHA-256 is that of its base64 text.
 */
export function liftImages(body: Buffer): LiftedBody {
  const images: SentImage[] = [];
  const parts: string[] = [];
  let from = 0;
  for (let at = body.indexOf(LIST); at >= 0; at = body.indexOf(LIST, from)) {
    let start = at + LIST.length;
    parts.push(body.toString('utf8', from, start));
    for (;;) {
      const end = body.indexOf(QUOTE, start);
      parts.push(String(images.length));
      images.push({ bytes: null, sha256: createHash('sha256').update(body.subarray(start, end)).digest('hex') });
      from = end;
      if (body[end + 1] !== COMMA) break;
      parts.push('","');
      start = end + 3;
    }
  }
  parts.push(body.toString('utf8', from));
  return { text: parts.join(''), images };
}
