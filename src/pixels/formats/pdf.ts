import { type PDFiumDocument, PDFiumLibrary, type PDFiumPage } from '@hyzyla/pdfium';
import { messageOf, VisionError } from '../../core/errors.js';
import type { Rgba } from '../rgba.js';
import type { Drawn, PdfBytes } from './drawn.js';
import { closePage, insideOf, isCropped, objectsOf, type PageObjects } from './pdf-inside.js';
import { layerOf } from './pdf-layer.js';
import { hasLostParts, pagesInFile, withoutCounts } from './pdf-scan.js';
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

const MOST_OPEN = 3;
export interface PdfDocumentsOptions {
  /**
   * After so many bytes were opened, PDFium is begun anew: WebAssembly memory only grows, and freed memory has holes.
   *
   * @defaultValue 536870912
   */
  readonly mostBytesOpened?: number;
}

/** Starts PDFium with the first document. Whatever it throws may have left it broken: then the next call starts it anew. */
export function createPdfDocuments({ mostBytesOpened = 512 * 1024 * 1024 }: PdfDocumentsOptions = {}): PdfDocuments {
  let library: PDFiumLibrary | null = null;
  let openedBytes = 0;
  const open = new Map<number, PDFiumDocument>();
  const damagedDocuments = new WeakMap<PDFiumDocument, boolean>();

  const forget = (): void => {
    open.clear();
    library = null;
    openedBytes = 0;
  };

  const opened = async (pdf: PdfBytes): Promise<PDFiumDocument> => {
    const held = open.get(pdf.id);
    if (held === undefined) {
      if (openedBytes > mostBytesOpened) forget();
      for (const [id, document] of [...open].slice(0, Math.max(0, open.size - MOST_OPEN + 1))) {
        open.delete(id);
        document.destroy();
      }
      library ??= await PDFiumLibrary.init();
      openedBytes += pdf.bytes.length;
    }
    const document = held ?? (await rightlyCounted(library, pdf));
    open.delete(pdf.id);
    open.set(pdf.id, document); // the last used stands last
    return document;
  };

  const using = async <T>(pdf: PdfBytes, use: (document: PDFiumDocument) => T | Promise<T>): Promise<T> => {
    try {
      return await use(await opened(pdf));
    } catch (error) {
      if (error instanceof VisionError) throw error;
      forget();
      throw unreadable(`its reader broke down over it (${messageOf(error)})`, error);
    }
  };

  /** Reads the whole file: asked once of it. */
  const isDamaged = (document: PDFiumDocument, { bytes }: PdfBytes): boolean => {
    const known = damagedDocuments.get(document) ?? hasLostParts(bytes);
    damagedDocuments.set(document, known);
    return known;
  };

  return {
    countPages: async (pdf) => await using(pdf, pagesPresent),
    readText: async (pdf, page) => await using(pdf, async (document) => await textOf(pageAt(document, page))),
    draw: async (pdf, { page, limits, maxImagePixels }) =>
      await using(pdf, async (document) => {
        const raster = await drawn(pageAt(document, page), limits);
        if (isUnmarked(raster)) {
          await mustBeBlank(document, { page, maxImagePixels, hasLostParts: () => isDamaged(document, pdf) });
        }
        return { raster, pages: document.getPageCount() };
      }),
  };
}

/** A PDF that lacks more pages than this at its end does not know how many it has. */
const MOST_MISSING = 100;

/**
 * Opens a PDF. PDFium believes what a page tree says of its own size: where that is wrong, it is made to count. Where few
 * pages are missing they may be damaged: they stay pages, and fail alone.
 */
async function rightlyCounted(library: PDFiumLibrary | null, pdf: PdfBytes): Promise<PDFiumDocument> {
  const document = await unlocked(library, pdf);
  const pages = document.getPageCount();
  if (pages === 0 || (isPresent(document, pages) && pagesInFile(pdf.bytes) <= pages)) return document;
  const bytes = withoutCounts(pdf.bytes);
  if (bytes === null) return document;
  const counted = await unlocked(library, { ...pdf, bytes });
  const there = counted.getPageCount();
  const isWrong = there > pages || (there > 0 && there < pages - MOST_MISSING);
  (isWrong ? document : counted).destroy();
  return isWrong ? counted : document;
}

async function unlocked(library: PDFiumLibrary | null, { bytes, passwords }: PdfBytes): Promise<PDFiumDocument> {
  if (library === null) throw new TypeError('Expected PDFium to be started');
  for (const password of ['', ...passwords]) {
    try {
      return await library.loadDocument(bytes, password);
    } catch (error) {
      if (/password/i.test(messageOf(error))) continue;
      if (/security/i.test(messageOf(error))) throw encrypted('The PDF is encrypted in a way that is not known here.');
      if (/corrupted|could not be opened|content error/i.test(messageOf(error))) throw damaged(bytes, error);
      throw error;
    }
  }
  throw encrypted(passwords.length === 0 ? 'The PDF wants a password.' : 'None of the passwords opens the PDF.');
}

function pageCount(document: PDFiumDocument): number {
  const pages = document.getPageCount();
  if (pages === 0) throw unreadable('it has no pages');
  return pages;
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

function isPresent(document: PDFiumDocument, page: number): boolean {
  const found = document.getPage(page - 1);
  const { handle } = insideOf(found);
  closePage(found);
  return handle !== 0;
}

function pageAt(document: PDFiumDocument, page: number): PDFiumPage {
  const pages = pageCount(document);
  if (page > pages) throw unreadable(`it has no page ${page}, only ${pages}`);
  const found = document.getPage(page - 1);
  const { originalWidth, originalHeight } = found.getOriginalSize(); // 0 × 0 where it did not load
  if (!(originalWidth > 0 && originalHeight > 0)) throw unreadable(`its page ${page} is damaged`);
  return found;
}

/** Drawn in this size, small print is still seen. */
const SEEN: DrawLimits = { dpi: 120, maxSide: 1600, maxPixels: 2_000_000 };

async function textOf(page: PDFiumPage): Promise<string> {
  const text = page.getText();
  if (readableText(text) === null) {
    closePage(page);
    return '';
  }
  const { originalWidth: width, originalHeight: height } = page.getOriginalSize();
  const layer = layerOf(page, drawSize({ width, height }, SEEN));
  return isWholeText(layer, await drawn(page, SEEN)) ? text : '';
}

async function drawn(page: PDFiumPage, limits: DrawLimits): Promise<Rgba> {
  const { originalWidth, originalHeight } = page.getOriginalSize();
  const size = drawSize({ width: originalWidth, height: originalHeight }, limits);
  const { data } = await page.render({ ...size, renderFormFields: true });
  return { ...size, pixels: data };
}

/** Whether nothing but white was drawn. */
function isUnmarked({ pixels }: Rgba): boolean {
  return new Uint32Array(pixels.buffer, pixels.byteOffset, pixels.length / 4).every((pixel) => pixel === 0xffffffff);
}

/** What is told of a page on which nothing was drawn. */
interface UnmarkedPage extends Pick<DrawOptions, 'page' | 'maxImagePixels'> {
  readonly hasLostParts: () => boolean;
}

/** PDFium passes over what it cannot draw: a page on which it drew nothing may have lost all that stood on it. */
async function mustBeBlank(
  document: PDFiumDocument,
  { page, maxImagePixels, hasLostParts }: UnmarkedPage,
): Promise<void> {
  const { count, hasBrokenImage, mayHaveLostText } = lookedInto(pageAt(document, page), maxImagePixels);
  const lost = (why: string): VisionError => unreadable(`nothing on its page ${page} could be drawn, ${why}`);
  if (hasBrokenImage) throw lost('an image on it is damaged');
  if (count === 0 && hasLostParts()) throw lost('and parts of the file are damaged');
  if (mayHaveLostText && !(await drawsAnything(pageAt(document, page)))) throw lost('but there is text on it');
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

function damaged(bytes: Uint8Array, cause: unknown): VisionError {
  const tail = new TextDecoder('latin1').decode(bytes.subarray(-1024));
  return unreadable(tail.includes('%%EOF') ? 'its structure is damaged' : 'it ends too early', cause);
}

function unreadable(why: string, cause?: unknown): VisionError {
  return new VisionError('PDF_UNREADABLE', `The PDF cannot be read: ${why}.`, {
    fix: 'Get it from its source again, or try to repair it: qpdf FILE.pdf REPAIRED.pdf',
    cause,
  });
}

function encrypted(sentence: string): VisionError {
  return new VisionError('PDF_ENCRYPTED', sentence, {
    fix: 'Put its password into a file for --password-file FILE, or decrypt it: qpdf --decrypt --password=PASSWORD FILE.pdf OPEN.pdf',
  });
}
