/**
 * Draws examples/documents and writes examples/documents.json, which says what stands on each page.
 *
 *   node examples/make-documents.mjs
 *
 * The images are committed, because another machine's fonts would draw other pixels. All names, numbers and words on
 * them are made up for this project and carry its licence.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';

const FOLDER = join(import.meta.dirname, 'documents');
const INK = '#1a1a1a';

const LETTER = [
  'Harbour Street Library',
  '14 Harbour Street, Wexcombe',
  '',
  '3 March 2024',
  '',
  'Dear Mrs Aldridge,',
  '',
  'Thank you for lending us the photographs of the old',
  'ferry landing. Forty-two of them were shown in the',
  'reading room this winter, and more than nine hundred',
  'people came to see them.',
  '',
  'We have packed the originals in the same order in',
  'which you gave them to us. A carrier will bring the',
  'box on Tuesday morning between eight and ten.',
  '',
  'One picture, number 17, shows a man with a dog. Do',
  'you know who he was? Several visitors asked.',
  '',
  'With kind regards,',
  'Tomas Lindqvist',
  'Librarian',
];

const INVOICE = [
  ['Brightwater Paper Company'],
  ['Invoice 20418'],
  ['Date: 12 June 2024'],
  ['Customer: Oakfield School'],
  [],
  ['Qty', 'Description', 'Price', 'Amount'],
  ['12', 'Drawing paper, white, A3', '4.50', '54.00'],
  ['30', 'Exercise books, lined', '1.20', '36.00'],
  ['6', 'Boxes of pencils, soft', '7.95', '47.70'],
  ['2', 'Paper cutter, 45 cm', '38.00', '76.00'],
  [],
  ['', '', 'Subtotal', '213.70'],
  ['', '', 'Tax 20%', '42.74'],
  ['', '', 'Total', '256.44'],
  [],
  ['Payment is due within 30 days of the date above.'],
];

const RECEIPT = [
  'CORNER BAKERY',
  '7 Mill Lane',
  '2024-05-18 08:41',
  '',
  'Rye bread         3.80',
  '2 x Croissant     4.40',
  'Butter 250 g      2.95',
  'Coffee, large     3.10',
  '',
  'TOTAL            14.25',
  'Cash             20.00',
  'Change            5.75',
  '',
  'Thank you!',
];

const TABLE = [
  ['Station', 'Depth', 'Salinity', 'Colour'],
  ['North pier', '4.2 m', '31.5', 'green'],
  ['Lighthouse', '11.8 m', '33.0', 'blue'],
  ['Old wreck', '23.4 m', '33.9', 'blue'],
  ['River mouth', '2.6 m', '18.7', 'brown'],
  ['South buoy', '16.1 m', '33.4', 'green'],
];

const PHOTO = [
  'How to mend a puncture',
  '',
  'Take the wheel off and let out what air is left.',
  'Lift one side of the tyre over the rim and pull',
  'the tube out. Pump it up and hold it under water:',
  'the bubbles show where the hole is.',
  '',
  'Dry the place, roughen it with sandpaper and wait',
  'until the glue is no longer wet before you press',
  'the patch on.',
];

const FAINT = [
  'MINUTES OF THE GARDEN SOCIETY',
  '',
  'Eleven members were present. The treasurer reported',
  'that the new greenhouse cost less than expected and',
  'that the rest will pay for seeds in the spring.',
  '',
  'It was agreed to open the gardens on the second',
  'Sunday in July. The next meeting is on 9 May.',
];

const SIGN = ['PLEASE', 'CLOSE THE GATE', 'Sheep on the road'];

const NOTE = ['Anna,', 'the plumber comes at 4.', 'Key is under the blue pot.', 'Back by 7. Milk is out!'];

const escapeXml = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** One SVG text element; white space inside is kept. */
const text = (content, { x, y, size, font = 'DejaVu Sans', weight = 'normal', fill = INK, anchor = 'start' }) =>
  `<text xml:space="preserve" x="${x}" y="${y}" font-family="${font}" font-size="${size}" font-weight="${weight}" ` +
  `fill="${fill}" text-anchor="${anchor}">${escapeXml(content)}</text>`;

/** Lines below each other, the first one bold where asked. */
const block = (lines, { x, y, size, leading, boldFirst = false, ...style }) =>
  lines
    .map((line, i) =>
      text(line, { x, y: y + i * leading, size, ...(boldFirst && i === 0 ? { weight: 'bold' } : {}), ...style }),
    )
    .join('');

const svg = (width, height, content, background = '#ffffff') =>
  Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">` +
      `<rect width="100%" height="100%" fill="${background}"/>${content}</svg>`,
  );

const drawLetter = () =>
  sharp(svg(1240, 1600, block(LETTER, { x: 120, y: 170, size: 34, leading: 60, font: 'DejaVu Serif' })))
    .flatten()
    .png({ palette: true, colours: 16 });

function drawInvoice() {
  const columns = [100, 230, 820, 1000];
  const rows = INVOICE.flatMap((cells, row) =>
    cells.map((cell, column) =>
      text(cell, {
        x: columns[column],
        y: 150 + row * 66,
        size: row === 0 ? 44 : 32,
        weight: row === 0 || row === 5 ? 'bold' : 'normal',
      }),
    ),
  );
  return sharp(svg(1240, 1240, rows.join('')))
    .flatten()
    .png({ palette: true, colours: 16 });
}

const drawReceipt = () =>
  sharp(svg(640, 960, block(RECEIPT, { x: 60, y: 100, size: 38, leading: 58, font: 'DejaVu Sans Mono' }), '#fbfaf4'))
    .flatten()
    .jpeg({ quality: 80 });

/** Rules between the rows only: Tesseract drops most words of a table whose every cell is boxed. */
function drawTable() {
  const rows = TABLE.map((cells, r) => {
    const y = 80 + r * 90;
    const weight = r === 0 ? 'bold' : 'normal';
    const words = cells.map((cell, c) => text(cell, { x: 84 + c * 280, y: y + 58, size: 34, weight }));
    return `${words.join('')}<rect x="60" y="${y + 88}" width="1120" height="2" fill="#555"/>`;
  });
  return sharp(svg(1240, 720, rows.join('')))
    .flatten()
    .png({ palette: true, colours: 16 });
}

/** A page held slightly askew under uneven light, stored lying on its side with an EXIF note to turn it. */
async function drawPhoto() {
  const words = block(PHOTO, { x: 120, y: 220, size: 40, leading: 76, font: 'DejaVu Serif', boldFirst: true });
  const light =
    '<defs><linearGradient id="g" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="#fffdf5"/>' +
    '<stop offset="1" stop-color="#cfc8b8"/></linearGradient></defs><rect width="100%" height="100%" fill="url(#g)"/>';
  const upright = await sharp(svg(1400, 1100, `${light}<g transform="rotate(1.2 700 550)">${words}</g>`))
    .png()
    .toBuffer();
  const onItsSide = await sharp(upright).rotate(270).toBuffer();
  return sharp(onItsSide).withMetadata({ orientation: 6 }).jpeg({ quality: 75 });
}

/** Grey ink on grey paper with grain, as an old copier leaves it. */
async function drawFaint() {
  const words = block(FAINT, { x: 90, y: 140, size: 34, leading: 66, fill: '#8f8f8c' });
  const page = await sharp(svg(1240, 720, words, '#d8d7d2'))
    .png()
    .toBuffer();
  const grain = await sharp(grainPixels(1240, 720), { raw: { width: 1240, height: 720, channels: 1 } })
    .png()
    .toBuffer();
  return sharp(page)
    .composite([{ input: grain, blend: 'soft-light' }])
    .greyscale()
    .jpeg({ quality: 70 });
}

/** The same grain every time: a linear congruential generator around mid grey. */
function grainPixels(width, height) {
  let state = 7;
  return Buffer.from(
    Uint8Array.from({ length: width * height }, () => {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      return 128 + ((state >> 16) % 49) - 24;
    }),
  );
}

/** Dark letters on nothing: a viewer that does not lay it on white sees black. */
const drawSign = () =>
  sharp(
    Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" width="1000" height="560">${[
        text('PLEASE', { x: 500, y: 150, size: 80, weight: 'bold', anchor: 'middle' }),
        text('CLOSE THE GATE', { x: 500, y: 290, size: 80, weight: 'bold', anchor: 'middle' }),
        text('Sheep on the road', { x: 500, y: 430, size: 60, anchor: 'middle' }),
      ].join('')}</svg>`,
    ),
  ).png({ palette: true });

const drawNote = () =>
  sharp(svg(900, 520, block(NOTE, { x: 80, y: 120, size: 46, leading: 96, font: 'DejaVu Serif' }), '#fff3a6'))
    .flatten()
    .webp({ quality: 80 });

const drawEmpty = () =>
  sharp(svg(800, 1000, ''))
    .flatten()
    .png({ palette: true });

const joined = (rows) => rows.map((cells) => cells.filter((cell) => cell !== '').join(' ')).join('\n');
const written = (lines) => lines.map((line) => line.replace(/ +/g, ' ')).join('\n');

/** File, what draws it, what stands on it. Null: a file that cannot be read. */
const DOCUMENTS = [
  ['letter.png', drawLetter, written(LETTER)],
  ['invoice.png', drawInvoice, joined(INVOICE)],
  ['receipt.jpg', drawReceipt, written(RECEIPT)],
  ['table.png', drawTable, joined(TABLE)],
  ['photo-of-a-page.jpg', drawPhoto, written(PHOTO)],
  ['faint-copy.jpg', drawFaint, written(FAINT)],
  ['sign.png', drawSign, written(SIGN)],
  ['note.webp', drawNote, written(NOTE)],
  ['empty-page.png', drawEmpty, ''],
];

mkdirSync(FOLDER, { recursive: true });
const expected = {};
for (const [file, draw, content] of DOCUMENTS) {
  writeFileSync(join(FOLDER, file), await (await draw()).toBuffer());
  expected[file] = content;
}
const letter = await sharp(await drawLetter().toBuffer())
  .jpeg({ quality: 60 })
  .toBuffer();
writeFileSync(join(FOLDER, 'cut-off.jpg'), letter.subarray(0, letter.length / 3));
expected['cut-off.jpg'] = null;
writeFileSync(join(import.meta.dirname, 'documents.json'), `${JSON.stringify(expected, null, 2)}\n`);
