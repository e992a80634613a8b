import { Buffer } from 'node:buffer';

/** What a file is by its first bytes, whatever its name says. */
export type FileKind =
  | 'jpeg'
  | 'png'
  | 'gif'
  | 'webp'
  | 'bmp'
  | 'tiff'
  | 'heic'
  | 'avif'
  | 'svg'
  | 'pdf'
  | 'jp2'
  | 'jxl'
  | 'html'
  | 'text'
  | 'empty'
  | 'unknown';

/** Extensions that make a file in a folder an item, lower case, without the dot. */
export const IMAGE_EXTENSIONS: ReadonlySet<string> = new Set(
  'jpg jpeg jpe jfif png gif webp bmp tif tiff heic heif avif svg pdf jp2 jxl'.split(' '),
);

/** Bytes that are enough for {@link sniff}. */
export const SNIFF_BYTES = 1024;

const SIGNATURES: readonly (readonly [FileKind, readonly number[]])[] = [
  ['jpeg', [0xff, 0xd8, 0xff]],
  ['png', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['gif', [0x47, 0x49, 0x46, 0x38]],
  ['bmp', [0x42, 0x4d]],
  ['tiff', [0x49, 0x49, 0x2a, 0x00]],
  ['tiff', [0x4d, 0x4d, 0x00, 0x2a]],
  ['tiff', [0x49, 0x49, 0x2b, 0x00]], // BigTIFF
  ['tiff', [0x4d, 0x4d, 0x00, 0x2b]],
  ['pdf', [0x25, 0x50, 0x44, 0x46, 0x2d]],
  ['jp2', [0x00, 0x00, 0x00, 0x0c, 0x6a, 0x50, 0x20, 0x20]],
  ['jp2', [0xff, 0x4f, 0xff, 0x51]],
  ['jxl', [0x00, 0x00, 0x00, 0x0c, 0x4a, 0x58, 0x4c, 0x20]],
  ['jxl', [0xff, 0x0a]],
];

const HEIF_BRANDS: ReadonlySet<string> = new Set(['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'mif1', 'msf1']);

/** Tells a file's kind by its first {@link SNIFF_BYTES} bytes. */
export function sniff(bytes: Uint8Array): FileKind {
  if (bytes.length === 0) return 'empty';
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, SNIFF_BYTES));
  const signed = SIGNATURES.find(([, signature]) => signature.every((byte, i) => head[i] === byte));
  if (signed !== undefined) return signed[0];
  if (ascii(head, 0, 4) === 'RIFF' && ascii(head, 8, 12) === 'WEBP') return 'webp';
  if (ascii(head, 4, 8) === 'ftyp') return isoMedia(head);
  if (head.includes('%PDF-')) return 'pdf'; // readers accept junk before the header
  return textual(head);
}

function ascii(head: Buffer, from: number, to: number): string {
  return head.toString('latin1', from, to);
}

function isoMedia(head: Buffer): FileKind {
  const major = ascii(head, 8, 12);
  if (major === 'avif' || major === 'avis') return 'avif';
  if (!HEIF_BRANDS.has(major)) return 'unknown';
  return ascii(head, 16, 64).includes('avif') ? 'avif' : 'heic';
}

function textual(head: Buffer): FileKind {
  if (head.includes(0)) return 'unknown';
  const text = head.toString('utf8').replace(/^\uFEFF/, '');
  const root = afterProlog(text.toLowerCase());
  if (/^<(!doctype )?svg[\s>[]/.test(root)) return 'svg'; // what a document type declares may be longer than the head
  if (/^<(!doctype html|html|head|body)\b/.test(root)) return 'html';
  return /^[\t\n\r\x20-\x7e\u00a0-\uffff]*$/.test(text) ? 'text' : 'unknown';
}

/** What may stand before the first element or document type of XML and HTML, by how it begins and ends. */
const PROLOG = [
  ['<!--', '-->'],
  ['<?', '?>'],
] as const;

/** The text without white space, comments and declarations at its beginning. */
function afterProlog(text: string): string {
  for (let rest = text.trimStart(); ; ) {
    const [, end] = PROLOG.find(([begin]) => rest.startsWith(begin)) ?? [];
    if (end === undefined) return rest;
    const at = rest.indexOf(end);
    if (at < 0) return '';
    rest = rest.slice(at + end.length).trimStart();
  }
}
