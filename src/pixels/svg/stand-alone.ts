import { Buffer } from 'node:buffer';
import { VisionError } from '../../core/errors.js';

const OUTSIDE_REFERENCE =
  /<!ENTITY|@import|<\?xml-stylesheet|<(?:[\w.-]+:)?(?:image|use|feImage)\b[^<]*\bhref\s*=\s*["']\s*(?!#|data:)[^"'\s]|url\([\s"']*(?!#|data:)[^"')\s]/i;

/** What an SVG shows must not depend on other files: they would be left out without a word. */
export function mustStandAlone(bytes: Uint8Array): void {
  if (!OUTSIDE_REFERENCE.test(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1'))) return;
  throw new VisionError('IMAGE_UNSUPPORTED', 'This SVG refers to other files, which are not loaded.', {
    fix: 'Export it as PNG, or with its images embedded.',
  });
}
