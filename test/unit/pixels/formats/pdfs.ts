import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';

/** One page of a PDF. */
export interface PdfPage {
  /** Drawing operators; the font is `/F`. */
  readonly content?: string;
  /** More of the drawing's dictionary, such as `/Filter /FlateDecode`. */
  readonly packing?: string;
  /** In points. */
  readonly mediaBox?: string;
  /** More of the page's dictionary, such as `/Rotate 90`. */
  readonly extra?: string;
}

interface PdfOptions {
  /** More objects, by number from 100 on. */
  readonly objects?: Readonly<Record<number, string>>;
  /** More of the document's catalogue. */
  readonly catalog?: string;
  /** What opens the document (standard security handler, revision 2). */
  readonly password?: string;
}

/** A line of text, 20 points high, at a height above the page's lower edge. */
export const line = (text: string, y = 400): string => `BT /F 20 Tf 20 ${y} Td (${text}) Tj ET`;

/** A rectangle of one colour, its corners in points. */
export const box = (colour: string, rect: string): string => `${colour} rg ${rect} re f`;

/** Writes a PDF 1.4 of these pages. */
export function pdf(pages: readonly PdfPage[], { objects = {}, catalog = '', password }: PdfOptions = {}): Buffer {
  const kids = pages.map((_, index) => `${10 + index * 2} 0 R`).join(' ');
  const lock = password === undefined ? null : lockFor(password);
  const bodies = new Map<number, string>([
    [1, `<< /Type /Catalog /Pages 2 0 R ${catalog} >>`],
    [2, `<< /Type /Pages /Count ${pages.length} /Kids [${kids}] >>`],
    [3, '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>'],
    ...Object.entries(objects).map(([number, body]) => [Number(number), body] as const),
  ]);
  for (const [index, { content = '', packing = '', mediaBox = '0 0 400 500', extra = '' }] of pages.entries()) {
    const at = 10 + index * 2;
    const stream = lock === null ? content : lock.encrypt(Buffer.from(content, 'latin1'), at + 1).toString('latin1');
    const drawn = content.includes('/X Do') ? '/XObject << /X 100 0 R >>' : '';
    const resources = `/Resources << /Font << /F 3 0 R >> ${drawn} >>`;
    bodies.set(
      at,
      `<< /Type /Page /Parent 2 0 R /MediaBox [${mediaBox}] ${resources} /Contents ${at + 1} 0 R ${extra} >>`,
    );
    bodies.set(at + 1, `<< ${packing} /Length ${stream.length} >>\nstream\n${stream}\nendstream`);
  }
  return written(bodies, lock?.trailer ?? '');
}

function written(bodies: ReadonlyMap<number, string>, trailer: string): Buffer {
  let file = '%PDF-1.4\n';
  const rows: string[] = [];
  for (const [number, body] of bodies) {
    rows.push(`${number} 1\n${String(file.length).padStart(10, '0')} 00000 n \n`);
    file += `${number} 0 obj\n${body}\nendobj\n`;
  }
  const size = Math.max(...bodies.keys()) + 1;
  const table = `xref\n0 1\n0000000000 65535 f \n${rows.join('')}`;
  file += `${table}trailer\n<< /Size ${size} /Root 1 0 R ${trailer} >>\nstartxref\n${file.length}\n%%EOF\n`;
  return Buffer.from(file, 'latin1');
}

/** An image object of a page's size, its pixels packed as the filter says. */
export function imageObject(filter: string, data: Uint8Array, more = ''): string {
  const entries = `/Width 40 /Height 50 /BitsPerComponent 1 /ColorSpace /DeviceGray /Filter /${filter} ${more}`;
  const stream = Buffer.from(data).toString('latin1');
  return `<< /Type /XObject /Subtype /Image ${entries} /Length ${stream.length} >>\nstream\n${stream}\nendstream`;
}

/** Draws object 100 over a whole page. */
export const DRAWN_IMAGE = 'q 400 0 0 500 0 0 cm /X Do Q';

/** A form that draws the next one ten times, ten deep: more work than anybody waits for. */
export function endlessForms(): Readonly<Record<number, string>> {
  return Object.fromEntries(
    Array.from({ length: 12 }, (_, depth) => {
      const content = '/X Do '.repeat(10);
      const next = depth === 11 ? '' : `/Resources << /XObject << /X ${101 + depth} 0 R >> >>`;
      return [
        100 + depth,
        `<< /Type /XObject /Subtype /Form /BBox [0 0 400 500] ${next} /Length ${content.length} >>\nstream\n${content}\nendstream`,
      ];
    }),
  );
}

const PADDING = Buffer.from('28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a', 'hex');
const ID = Buffer.alloc(16, 7);

/** PDF reference 1.7, section 3.5: algorithms 2, 3 and 4 of revision 2, with the same password for owner and user. */
function lockFor(password: string) {
  const padded = Buffer.concat([Buffer.from(password, 'latin1'), PADDING]).subarray(0, 32);
  const owner = rc4(md5(padded).subarray(0, 5), padded);
  const permissions = Buffer.alloc(4, 255);
  const key = md5(Buffer.concat([padded, owner, permissions, ID])).subarray(0, 5);
  const hex = (bytes: Buffer): string => `<${bytes.toString('hex')}>`;
  return {
    trailer: `/Encrypt << /Filter /Standard /V 1 /R 2 /P -1 /O ${hex(owner)} /U ${hex(rc4(key, PADDING))} >> /ID [${hex(ID)} ${hex(ID)}]`,
    encrypt: (data: Buffer, object: number) => {
      const number = Buffer.from([object & 255, object >> 8, 0, 0, 0]);
      return rc4(md5(Buffer.concat([key, number])).subarray(0, 10), data);
    },
  };
}

function md5(data: Buffer): Buffer {
  return createHash('md5').update(data).digest();
}

function rc4(key: Buffer, data: Buffer): Buffer {
  const state = Uint8Array.from({ length: 256 }, (_, index) => index);
  const swap = (a: number, b: number): void => {
    [state[a], state[b]] = [state[b] ?? 0, state[a] ?? 0];
  };
  for (let i = 0, j = 0; i < 256; i += 1) {
    j = (j + (state[i] ?? 0) + (key[i % key.length] ?? 0)) & 255;
    swap(i, j);
  }
  let [i, j] = [0, 0];
  return Buffer.from(
    data.map((byte) => {
      i = (i + 1) & 255;
      j = (j + (state[i] ?? 0)) & 255;
      swap(i, j);
      return byte ^ (state[((state[i] ?? 0) + (state[j] ?? 0)) & 255] ?? 0);
    }),
  );
}
