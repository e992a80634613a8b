import type { PageBytes } from '../core/item.js';
import { sniff } from '../core/sniff.js';
import { countFrames, NATURAL_DENSITY } from './codec.js';
import { type DrawerOptions, pdfBytes } from './drawer.js';
import { mustBeSupported } from './formats/kinds.js';
import { readableText } from './formats/pdf-text.js';
import { tiffPages } from './formats/tiff-pages.js';

export interface FramesOptions {
  /** Whether the frames of an animation are pages, or only its first frame is one. */
  readonly frames: 'first' | 'all';
}

/** What is asked of a file besides its pixels. */
export interface Pages {
  /** How many pages there are: 1 for a photo. */
  pagesOf(bytes: Uint8Array, options: FramesOptions): Promise<number>;
  /** The text that a page of a PDF has in it, where a person would read the same on it; else null, and for every other kind. */
  textOf(page: PageBytes): Promise<string | null>;
}

export interface PagesOptions extends DrawerOptions {
  /** Whole seconds after which libvips gives up. */
  readonly timeoutSecs: number;
}

/** Counts pages, and reads the text that a PDF has of them. */
export function createPages(options: PagesOptions): Pages {
  const { threads, maxInputPixels, timeoutSecs } = options;
  return {
    async pagesOf(bytes, { frames }) {
      const kind = mustBeSupported(sniff(bytes), bytes);
      if (kind === 'pdf') {
        const reply = await threads.decode({ kind: 'pdf-pages', document: await pdfBytes(options, bytes) });
        if (reply.kind === 'pages') return reply.pages;
        throw new TypeError(`Expected a thread to count pages, got ${reply.kind}`);
      }
      const isAnimation = kind === 'gif' || kind === 'webp';
      if (kind !== 'tiff' && !(isAnimation && frames === 'all')) return 1;
      const source = { bytes, frame: 0, raster: null, density: NATURAL_DENSITY, failOn: 'error' } as const;
      const count = await countFrames({ ...source, maxInputPixels, timeoutSecs });
      return kind === 'tiff' ? Math.min(count, tiffPages(bytes)?.length ?? count) : count;
    },
    async textOf({ bytes, page }) {
      if (sniff(bytes) !== 'pdf') return null;
      const reply = await threads.decode({ kind: 'pdf-text', document: await pdfBytes(options, bytes), page });
      if (reply.kind === 'text') return readableText(reply.text);
      throw new TypeError(`Expected a thread to read text, got ${reply.kind}`);
    },
  };
}
