import { VisionError } from '../../core/errors.js';

export function damaged(bytes: Uint8Array): VisionError {
  const tail = new TextDecoder('latin1').decode(bytes.subarray(-1024));
  return unreadable(tail.includes('%%EOF') ? 'its structure is damaged' : 'it ends too early');
}

export function unreadable(why: string, cause?: unknown): VisionError {
  return new VisionError('PDF_UNREADABLE', `The PDF cannot be read: ${why}.`, {
    fix: 'Get it from its source again, or try to repair it: qpdf FILE.pdf REPAIRED.pdf',
    cause,
  });
}

export function encrypted(sentence: string): VisionError {
  return new VisionError('PDF_ENCRYPTED', sentence, {
    fix: 'Put its password into a file for --password-file FILE, or decrypt it: qpdf --decrypt --password=PASSWORD FILE.pdf OPEN.pdf',
  });
}
