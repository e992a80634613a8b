import type { PDFiumDocument, PDFiumPage } from '@hyzyla/pdfium';
import { messageOf, VisionError } from '../../core/errors.js';
import type { PdfBytes } from './drawn.js';
import { damaged, encrypted, unreadable } from './pdf-failures.js';
import { closePage, insideOf } from './pdf-inside.js';
import { Pdfium } from './pdf-library.js';
import { hasLostParts, pagesInFile, withoutCounts } from './pdf-scan.js';

const MOST_OPEN = 3;
const MIB = 1024 * 1024;

export interface OpenPdfsOptions {
  /**
   * After so many bytes were opened, PDFium is begun anew: WebAssembly memory only grows, and freed memory has holes.
   *
   * @defaultValue 536870912
   */
  readonly mostBytesOpened?: number;
  /**
   * PDFium keeps what it has read of a document's pages. After this many bytes of them, and no less than a quarter of the
   * document, the document is opened anew.
   *
   * @defaultValue 4194304
   */
  readonly mostBytesRead?: number;
}

/** A document that is open in PDFium. */
export class OpenPdf {
  readonly document: PDFiumDocument;
  readonly #bytes: Uint8Array;
  readonly #bytesPerPage: number;
  readonly #pagesRead = new Set<number>();
  #hasLostParts: boolean | null;

  /** @param before - the same document as it was open before: what is known of its bytes stays known */
  constructor(document: PDFiumDocument, bytes: Uint8Array, before: OpenPdf | undefined) {
    this.document = document;
    this.#bytes = bytes;
    this.#bytesPerPage = bytes.length / Math.max(1, document.getPageCount());
    this.#hasLostParts = before === undefined ? null : before.#hasLostParts;
  }

  /** @param page - from 1, no more than there are */
  page(page: number): PDFiumPage {
    this.#pagesRead.add(page);
    return this.document.getPage(page - 1);
  }

  /** Whether parts of the file are damaged. The first call reads the whole file. */
  hasLostParts(): boolean {
    this.#hasLostParts ??= hasLostParts(this.#bytes);
    return this.#hasLostParts;
  }

  /** Whether several pages were read, and more of them, by their share of the file, than PDFium is to keep. */
  hasReadMoreThan(bytes: number): boolean {
    const { size } = this.#pagesRead;
    return size > 1 && size * this.#bytesPerPage > Math.max(bytes, this.#bytes.length / 4);
  }
}

/** The last few documents stay open, because opening a large one takes longer than a page. */
export class OpenPdfs {
  readonly #mostBytesOpened: number;
  readonly #mostBytesRead: number;
  /** By the document's id, the one used last at the end. */
  readonly #open = new Map<number, OpenPdf>();
  #pdfium: Pdfium | null = null;
  #openedBytes = 0;

  constructor({ mostBytesOpened = 512 * MIB, mostBytesRead = 4 * MIB }: OpenPdfsOptions) {
    this.#mostBytesOpened = mostBytesOpened;
    this.#mostBytesRead = mostBytesRead;
  }

  /** @throws VisionError PDF_ENCRYPTED, PDF_UNREADABLE, and what `use` throws of them; all else as PDF_UNREADABLE */
  async use<T>(pdf: PdfBytes, use: (opened: OpenPdf) => T | Promise<T>): Promise<T> {
    try {
      return await use(await this.#opened(pdf));
    } catch (error) {
      if (error instanceof VisionError) throw error;
      this.#forget();
      throw unreadable(`its reader broke down over it (${messageOf(error)})`, error);
    }
  }

  async #opened(pdf: PdfBytes): Promise<OpenPdf> {
    const held = this.#open.get(pdf.id);
    const isKept = held !== undefined && !held.hasReadMoreThan(this.#mostBytesRead);
    if (held !== undefined && !isKept) this.#close(pdf.id, held);
    const opened = isKept ? held : await this.#openAnew(pdf, held);
    this.#open.delete(pdf.id);
    this.#open.set(pdf.id, opened); // the last used stands last
    return opened;
  }

  async #openAnew(pdf: PdfBytes, before: OpenPdf | undefined): Promise<OpenPdf> {
    if (this.#openedBytes > this.#mostBytesOpened) this.#forget();
    for (const [id, opened] of [...this.#open].slice(0, Math.max(0, this.#open.size - MOST_OPEN + 1))) {
      this.#close(id, opened);
    }
    this.#pdfium ??= await Pdfium.start();
    if (before === undefined) this.#openedBytes += pdf.bytes.length;
    return new OpenPdf(rightlyCounted(this.#pdfium, pdf), pdf.bytes, before);
  }

  #close(id: number, { document }: OpenPdf): void {
    this.#open.delete(id);
    document.destroy();
  }

  #forget(): void {
    this.#open.clear();
    this.#pdfium?.letGo();
    this.#pdfium = null;
    this.#openedBytes = 0;
  }
}

/** A PDF that lacks more pages than this at its end does not know how many it has. */
export const MOST_MISSING = 100;

/**
 * Opens a PDF. PDFium believes what a page tree says of its own size: where that is wrong, it is made to count. Where few
 * pages are missing they may be damaged: they stay pages, and fail alone.
 */
function rightlyCounted(pdfium: Pdfium, pdf: PdfBytes): PDFiumDocument {
  const document = unlocked(pdfium, pdf);
  const pages = document.getPageCount();
  if (pages === 0 || (isPresent(document, pages) && pagesInFile(pdf.bytes) <= pages)) return document;
  const bytes = withoutCounts(pdf.bytes);
  if (bytes === null) return document;
  const counted = unlocked(pdfium, { ...pdf, bytes });
  const there = counted.getPageCount();
  const isWrong = there > pages || (there > 0 && there < pages - MOST_MISSING);
  (isWrong ? document : counted).destroy();
  return isWrong ? counted : document;
}

function unlocked(pdfium: Pdfium, { bytes, passwords }: PdfBytes): PDFiumDocument {
  for (const password of ['', ...passwords]) {
    const document = pdfium.load(bytes, password);
    if (typeof document !== 'string') return document;
    if (document === 'security') throw encrypted('The PDF is encrypted in a way that is not known here.');
    if (document === 'damaged') throw damaged(bytes);
    if (document === 'unknown') throw new Error('PDFium does not say why it cannot be opened');
  }
  throw encrypted(passwords.length === 0 ? 'The PDF wants a password.' : 'None of the passwords opens the PDF.');
}

export function pageCount(document: PDFiumDocument): number {
  const pages = document.getPageCount();
  if (pages === 0) throw unreadable('it has no pages');
  return pages;
}

export function isPresent(document: PDFiumDocument, page: number): boolean {
  const found = document.getPage(page - 1);
  const { handle } = insideOf(found);
  closePage(found);
  return handle !== 0;
}
