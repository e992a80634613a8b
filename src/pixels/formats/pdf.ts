import type { PDFiumDocument, PDFiumPage } from '@hyzyla/pdfium';
import type { VisionError } from '../../core/errors.js';
import type { Drawn, PdfBytes } from './drawn.js';
import { unreadable } from './pdf-failures.js';
import { closePage, isCropped, objectsOf, type PageObjects } from './pdf-inside.js';
import { layerOf } from './pdf-layer.js';
import { isPresent, MOST_MISSING, type OpenPdf, OpenPdfs, type OpenPdfsOptions, pageCount } from './pdf-open.js';
import { type PaintedPage, paintPage } from './pdf-paint.js';
import { type DrawLimits, type DrawOptions, drawSize } from './pdf-size.js';
import { isWholeText, readableText } from './pdf-text.js';

/** Reads PDFs, one call after the other; the last few stay open, because opening a large one takes longer than a page. */
export interface PdfDocuments {
  /** @throws VisionError PDF_ENCRYPTED, PDF_UNREADABLE */
  countPages(pdf: PdfBytes): Promise<number>;
  /** A page's text layer as it stands, empty where it is not all that a person sees on it. Throws as {@link PdfDocuments.draw}. */
  readText(pdf: PdfBytes, page: number): Promise<string>;
  /** Draws a page on white with its annotations and form fields. @throws VisionError PDF_ENCRYPTED, PDF_UNREADABLE, IMAGE_TOO_LARGE */
  draw(pdf: PdfBytes, options: DrawOptions): Promise<Drawn>;
}

/** Starts PDFium with the first document. Whatever it throws may have left it broken: then the next call starts it anew. */
export function createPdfDocuments(options: OpenPdfsOptions = {}): PdfDocuments {
  const pdfs = new OpenPdfs(options);
  return {
    countPages: async (pdf) => await pdfs.use(pdf, ({ document }) => pagesPresent(document)),
    readText: async (pdf, page) => await pdfs.use(pdf, (opened) => textOf(opened, pageAt(opened, page))),
    draw: async (pdf, { page, limits, maxImagePixels }) =>
      await pdfs.use(pdf, async (opened) => {
        const { raster, isUnmarked } = painted(opened, pageAt(opened, page), limits);
        if (isUnmarked) await mustBeBlank(opened, { page, maxImagePixels });
        return { raster, pages: opened.document.getPageCount() };
      }),
  };
}

/** How many pages there are. Some that are damaged count, at the end too: each of them fails alone. */
function pagesPresent(document: PDFiumDocument): number {
  const pages = pageCount(document);
  let last = pages;
  while (last > 0 && !isPresent(document, last)) last -= 1;
  if (last === 0 && pages > 1) throw unreadable(`none of its ${pages} pages is there`);
  if (pages - last <= MOST_MISSING) return pages;
  throw unreadable(`it says that it has ${pages} pages, but after page ${last} there is none`);
}

function pageAt(opened: OpenPdf, page: number): PDFiumPage {
  const pages = pageCount(opened.document);
  if (page > pages) throw unreadable(`it has no page ${page}, only ${pages}`);
  const found = opened.page(page);
  const { originalWidth, originalHeight } = found.getOriginalSize(); // 0 × 0 where it did not load
  if (!(originalWidth > 0 && originalHeight > 0)) throw unreadable(`its page ${page} is damaged`);
  return found;
}

/** Drawn in this size, small print is still seen. */
const SEEN: DrawLimits = { dpi: 120, maxSide: 1600, maxPixels: 2_000_000 };

function textOf(opened: OpenPdf, page: PDFiumPage): string {
  const text = page.getText();
  if (readableText(text) === null) {
    closePage(page);
    return '';
  }
  const { originalWidth: width, originalHeight: height } = page.getOriginalSize();
  const layer = layerOf(page, drawSize({ width, height }, SEEN));
  return isWholeText(layer, painted(opened, page, SEEN).raster) ? text : '';
}

/** Draws a page as large as the limits let it be. */
function painted({ document }: OpenPdf, page: PDFiumPage, limits: DrawLimits): PaintedPage {
  const { originalWidth: width, originalHeight: height } = page.getOriginalSize();
  return paintPage(document, page, drawSize({ width, height }, limits));
}

/** PDFium passes over what it cannot draw: a page on which it drew nothing may have lost all that stood on it. */
async function mustBeBlank(
  opened: OpenPdf,
  { page, maxImagePixels }: Pick<DrawOptions, 'page' | 'maxImagePixels'>,
): Promise<void> {
  const { count, hasBrokenImage, mayHaveLostText } = lookedInto(pageAt(opened, page), maxImagePixels);
  const lost = (why: string): VisionError => unreadable(`nothing on its page ${page} could be drawn, ${why}`);
  if (hasBrokenImage) throw lost('an image on it is damaged');
  if (count === 0 && opened.hasLostParts()) throw lost('and parts of the file are damaged');
  if (mayHaveLostText && !(await drawsAnything(pageAt(opened, page)))) throw lost('but there is text on it');
}

/** What there is on a page, drawn or not. */
function lookedInto(page: PDFiumPage, maxImagePixels: number): PageObjects & { readonly mayHaveLostText: boolean } {
  try {
    const mayHaveLostText = /[\p{L}\p{N}]/u.test(page.getText()) && !isCropped(page);
    return { ...objectsOf(page, maxImagePixels), mayHaveLostText };
  } finally {
    closePage(page);
  }
}

const SMALL = { width: 500, height: 500 };

/** Whether anything is drawn, be it white on white. */
async function drawsAnything(page: PDFiumPage): Promise<boolean> {
  const { data } = await page.render({ ...SMALL, transparent: true });
  return data.some((value) => value !== 0);
}
