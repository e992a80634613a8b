import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { Picture } from './picture.js';

/** One page. Lengths are points (1/72 inch), counted from the lower left corner. */
export interface PdfPage {
  readonly width: number;
  readonly height: number;
  /** Drawing operators; `/F1` is Helvetica, `/Im` the image. */
  readonly content: string;
  /** Degrees clockwise by which a reader turns the page. */
  readonly rotate?: 0 | 90 | 180 | 270;
  readonly image?: Picture | { readonly jpeg: Uint8Array; readonly width: number; readonly height: number };
  /** A form field, drawn by an appearance of its own: operators and where they stand. */
  readonly field?: { readonly box: readonly [number, number, number, number]; readonly content: string };
}

export interface PdfOptions {
  /** Asked of who opens it (the standard security handler, revision 2: RC4 of 40 bits). */
  readonly password?: string;
}

interface PdfObject {
  readonly dictionary: string;
  readonly stream?: Uint8Array;
}

/** Writes a PDF 1.4 (ISO 32000-1), uncompressed. */
export function writePdf(pages: readonly PdfPage[], { password }: PdfOptions = {}): Buffer {
  const objects: PdfObject[] = [{ dictionary: '' }, { dictionary: '' }];
  const add = (object: PdfObject): number => objects.push(object);
  const font = add({ dictionary: '/Type /Font /Subtype /Type1 /BaseFont /Helvetica' });
  const fields: number[] = [];
  const kids = pages.map((page) => addPage(page, { add, font, fields }));
  const form = fields.length === 0 ? '' : `/AcroForm << /Fields [${references(fields)}] >>`;
  objects[0] = { dictionary: `/Type /Catalog /Pages 2 0 R ${form}` };
  objects[1] = { dictionary: `/Type /Pages /Count ${kids.length} /Kids [${references(kids)}]` };
  return assembled(objects, password === undefined ? null : lockWith(password));
}

interface Writing {
  readonly add: (object: PdfObject) => number;
  readonly font: number;
  readonly fields: number[];
}

function addPage(
  { width, height, content, rotate = 0, image, field }: PdfPage,
  { add, font, fields }: Writing,
): number {
  const contents = add({ dictionary: '', stream: Buffer.from(content) });
  const images = image === undefined ? '' : `/XObject << /Im ${add(imageObject(image))} 0 R >>`;
  const annotations = field === undefined ? [] : [addField(field, add)];
  fields.push(...annotations);
  return add({
    dictionary:
      `/Type /Page /Parent 2 0 R /MediaBox [0 0 ${width} ${height}] /Rotate ${rotate} /Contents ${contents} 0 R ` +
      `/Resources << /Font << /F1 ${font} 0 R >> ${images} >> /Annots [${references(annotations)}]`,
  });
}

function imageObject(image: NonNullable<PdfPage['image']>): PdfObject {
  const filter = 'jpeg' in image ? '/Filter /DCTDecode' : '';
  const size = `/Width ${image.width} /Height ${image.height}`;
  return {
    dictionary: `/Type /XObject /Subtype /Image ${size} /ColorSpace /DeviceRGB /BitsPerComponent 8 ${filter}`,
    stream: 'jpeg' in image ? image.jpeg : image.pixels,
  };
}

function addField({ box, content }: NonNullable<PdfPage['field']>, add: Writing['add']): number {
  const [left, bottom, right, top] = box;
  const appearance = add({
    dictionary: `/Type /XObject /Subtype /Form /BBox [0 0 ${right - left} ${top - bottom}]`,
    stream: Buffer.from(content),
  });
  return add({
    dictionary:
      `/Type /Annot /Subtype /Widget /FT /Tx /F 4 /T /Name /Rect [${box.join(' ')}] ` +
      `/AP << /N ${appearance} 0 R >>`,
  });
}

const references = (numbers: readonly number[]): string => numbers.map((number) => `${number} 0 R`).join(' ');

function assembled(objects: readonly PdfObject[], lock: Lock | null): Buffer {
  const parts = [Buffer.from('%PDF-1.4\n')];
  const length = (): number => parts.reduce((sum, part) => sum + part.length, 0);
  const offsets = objects.map(({ dictionary, stream }, index) => {
    const at = length();
    const data = stream === undefined || lock === null ? stream : lock.seal(stream, index + 1);
    const head = data === undefined ? dictionary : `${dictionary} /Length ${data.length}`;
    parts.push(Buffer.from(`${index + 1} 0 obj\n<< ${head} >>\n`));
    if (data !== undefined) parts.push(Buffer.from('stream\n'), Buffer.from(data), Buffer.from('\nendstream\n'));
    parts.push(Buffer.from('endobj\n'));
    return at;
  });
  const at = length();
  const lines = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const count = objects.length + 1;
  parts.push(Buffer.from(`xref\n0 ${count}\n0000000000 65535 f \n${lines}`));
  parts.push(
    Buffer.from(`trailer\n<< /Size ${count} /Root 1 0 R ${lock?.trailer ?? ''} >>\nstartxref\n${at}\n%%EOF\n`),
  );
  return Buffer.concat(parts);
}

/** How an encrypted file's streams are sealed, and what its trailer says of it. */
interface Lock {
  readonly trailer: string;
  seal(stream: Uint8Array, object: number): Buffer;
}

/** ISO 32000-1, 7.6.3.3, table of padding bytes. */
const PADDING = Buffer.from('28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a', 'hex');
const KEY_BYTES = 5;
/** Everything is allowed to who has opened it. */
const PERMISSIONS = Buffer.from([0xfc, 0xff, 0xff, 0xff]);
const ID = Buffer.alloc(16, 7);

/** Algorithms 1 to 4 of ISO 32000-1, 7.6, for revision 2; the owner's password is the user's. */
function lockWith(password: string): Lock {
  const padded = Buffer.concat([Buffer.from(password, 'latin1'), PADDING]).subarray(0, 32);
  const owner = rc4(md5(padded).subarray(0, KEY_BYTES), padded);
  const key = md5(padded, owner, PERMISSIONS, ID).subarray(0, KEY_BYTES);
  const user = rc4(key, PADDING);
  const hex = (bytes: Buffer): string => `<${bytes.toString('hex')}>`;
  return {
    trailer:
      `/ID [${hex(ID)} ${hex(ID)}] /Encrypt << /Filter /Standard /V 1 /R 2 /O ${hex(owner)} /U ${hex(user)} ` +
      `/P ${PERMISSIONS.readInt32LE()} >>`,
    seal: (stream, object) => {
      const number = Buffer.from([object & 0xff, object >> 8, object >> 16, 0, 0]);
      return rc4(md5(key, number).subarray(0, KEY_BYTES + 5), stream);
    },
  };
}

function md5(...parts: readonly Uint8Array[]): Buffer {
  return createHash('md5').update(Buffer.concat(parts)).digest();
}

/** RC4, which OpenSSL 3 has no more by default. */
function rc4(key: Uint8Array, data: Uint8Array): Buffer {
  const state = Uint8Array.from({ length: 256 }, (_, i) => i);
  const swap = (i: number, j: number): void => {
    [state[i], state[j]] = [state[j] ?? 0, state[i] ?? 0];
  };
  for (let i = 0, j = 0; i < 256; i += 1) {
    j = (j + (state[i] ?? 0) + (key[i % key.length] ?? 0)) & 0xff;
    swap(i, j);
  }
  let [i, j] = [0, 0];
  return Buffer.from(data).map((byte) => {
    i = (i + 1) & 0xff;
    j = (j + (state[i] ?? 0)) & 0xff;
    swap(i, j);
    return byte ^ (state[((state[i] ?? 0) + (state[j] ?? 0)) & 0xff] ?? 0);
  }) as Buffer;
}
