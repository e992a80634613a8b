import { workerData } from 'node:worker_threads';
import { PDFiumLibrary } from '@hyzyla/pdfium';
import sharp from 'sharp';

/** What one thread of the bare loop draws: every `step`-th page from `first` on, counted from 0. */
export interface BarePdf {
  readonly bytes: Uint8Array;
  readonly first: number;
  readonly step: number;
  readonly width: number;
  readonly height: number;
}

// A thread that draws pages with PDFium and writes them as JPEGs, and does nothing else.
const { bytes, first, step, width, height }: BarePdf = workerData;
const document = await (await PDFiumLibrary.init()).loadDocument(bytes);
for (let page = first; page < document.getPageCount(); page += step) {
  const { data } = await document.getPage(page).render({ width, height });
  await sharp(data, { raw: { width, height, channels: 4 } })
    .removeAlpha()
    .jpeg({ quality: 90 })
    .toBuffer();
}
document.destroy();
