import { type PDFiumDocument, PDFiumLibrary, type PDFiumPage } from '@hyzyla/pdfium';
import { messageOf, VisionError } from '../../core/errors.js';
import type { Rgba } from '../rgba.js';
import type { DrawLimits, Drawn, PdfBytes } from '../threads/task.js';
import { drawSize } from './pdf-size.js';

/** One page of a document, from 1, and how it is to be drawn. */
export interface DrawOptions {
  readonly page: number;
  readonly limits: DrawLimits;
}

/** Reads PDFs, one call after the other; the last few stay open, because opening a large one takes longer than a page. */
export interface PdfDocuments {
  /** @throws VisionError PDF_ENCRYPTED, PDF_UNREADABLE */
  countPages(pdf: PdfBytes): Promise<number>;
  /** A page's text layer as it stands, empty where it has none. Throws as {@link PdfDocuments.draw}. */
  readText(pdf: PdfBytes, page: number): Promise<string>;
  /** Draws a page on white with its annotations and form fields. @throws VisionError PDF_ENCRYPTED, PDF_UNREADABLE */
  draw(pdf: PdfBytes, options: DrawOptions): Promise<Drawn>;
}

const MOST_OPEN = 3;
/** WebAssembly memory only grows, and freed memory has holes: after this much was opened, it is begun anew. */
const MOST_BYTES_OPENED = 512 * 1024 * 1024;

/** Starts PDFium with the first document. Whatever it throws may have left it broken: then the next call starts it anew. */
export function createPdfDocuments(): PdfDocuments {
  let library: PDFiumLibrary | null = null;
  let openedBytes = 0;
  const open = new Map<number, PDFiumDocument>();

  const forget = (): void => {
    open.clear();
    library = null;
    openedBytes = 0;
  };

  const opened = async (pdf: PdfBytes): Promise<PDFiumDocument> => {
    const held = open.get(pdf.id);
    if (held === undefined) {
      if (openedBytes > MOST_BYTES_OPENED) forget();
      for (const [id, document] of [...open].slice(0, Math.max(0, open.size - MOST_OPEN + 1))) {
        open.delete(id);
        document.destroy();
      }
      library ??= await PDFiumLibrary.init();
      openedBytes += pdf.bytes.length;
    }
    const document = held ?? (await unlocked(library, pdf));
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

  return {
    countPages: async (pdf) => await using(pdf, pageCount),
    readText: async (pdf, page) => await using(pdf, async (document) => await textOf(pageAt(document, page))),
    draw: async (pdf, { page, limits }) =>
      await using(pdf, async (document) => {
        const raster = await drawn(pageAt(document, page), limits);
        return { raster, pages: document.getPageCount() };
      }),
  };
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

function pageAt(document: PDFiumDocument, page: number): PDFiumPage {
  const pages = pageCount(document);
  if (page > pages) throw unreadable(`it has no page ${page}, only ${pages}`);
  const found = document.getPage(page - 1);
  const { originalWidth, originalHeight } = found.getOriginalSize(); // 0 × 0 where it did not load
  if (!(originalWidth > 0 && originalHeight > 0)) throw unreadable(`its page ${page} is damaged`);
  return found;
}

async function textOf(page: PDFiumPage): Promise<string> {
  try {
    return page.getText();
  } finally {
    await page.render({ width: 1, height: 1 }); // closes the page: nothing else does
  }
}

async function drawn(page: PDFiumPage, limits: DrawLimits): Promise<Rgba> {
  const { originalWidth, originalHeight } = page.getOriginalSize();
  const size = drawSize({ width: originalWidth, height: originalHeight }, limits);
  const { data } = await page.render({ ...size, renderFormFields: true });
  return { ...size, pixels: data };
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
