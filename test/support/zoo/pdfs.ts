import { drawn, EXACT, LOSSY, type Visible } from './entry.js';
import { type Picture, painted, quarters, RED, SMALL, WHITE } from './picture.js';
import { type PdfPage, writePdf } from './write-pdf.js';

const COLOURS = quarters();

/** At 72 dots an inch a point is a pixel. */
export const PDF_DPI = 72;

/** The quarters in drawing operators. */
export const QUARTERS_DRAWN =
  '1 0 0 rg 0 32 48 32 re f 0 1 0 rg 48 32 48 32 re f 0 0 1 rg 0 0 48 32 re f 1 1 1 rg 48 0 48 32 re f';

/** A red upper left quarter on white. */
const RED_CORNER = painted(SMALL, (x, y) => (x < 48 && y < 32 ? RED : WHITE));

const page = (changes: Partial<PdfPage> = {}): PdfPage => ({ ...SMALL, content: QUARTERS_DRAWN, ...changes });

async function jpegPage(): Promise<PdfPage> {
  const jpeg = await drawn(COLOURS).jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer();
  return page({ content: 'q 96 0 0 64 0 0 cm /Im Do Q', image: { ...SMALL, jpeg } });
}

interface Leaf {
  readonly name: string;
  readonly sees: Picture;
  readonly make: () => PdfPage | Promise<PdfPage>;
  readonly within?: number;
}

const LEAVES: readonly Leaf[] = [
  { name: 'drawn', sees: COLOURS, make: () => page() },
  {
    name: 'image',
    sees: COLOURS,
    make: () => page({ content: 'q 96 0 0 64 0 0 cm /Im Do Q', image: COLOURS }),
  },
  { name: 'jpeg', sees: COLOURS, make: jpegPage, within: LOSSY },
  {
    name: 'turned',
    sees: RED_CORNER,
    make: () => page({ width: 64, height: 96, rotate: 90, content: '1 0 0 rg 0 0 32 48 re f' }),
  },
  {
    name: 'upside-down',
    sees: RED_CORNER,
    make: () => page({ rotate: 180, content: '1 0 0 rg 48 0 48 32 re f' }),
  },
  {
    name: 'field',
    sees: RED_CORNER,
    make: () => page({ content: '', field: { box: [0, 32, 48, 64], content: '1 0 0 rg 0 0 48 32 re f' } }),
  },
];

/** Every page of one document, and one that opens with the password `sesame`. */
export const PDFS: readonly Visible[] = [
  ...LEAVES.map(({ name, sees, within = EXACT }, index) => ({
    ...{ name: `${name}.pdf`, sees, within },
    make: async () => writePdf(await Promise.all(LEAVES.map(({ make }) => make()))),
    page: index + 1,
    pages: LEAVES.length,
  })),
  {
    name: 'locked-with-a-known-password.pdf',
    make: () => writePdf([page()], { password: 'sesame' }),
    sees: COLOURS,
    within: EXACT,
    page: 1,
    pages: 1,
  },
];
