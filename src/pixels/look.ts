import type { PixelSettings } from '../core/ask.js';
import type { PageBytes } from '../core/item.js';
import { sniff } from '../core/sniff.js';
import { type Encoded, type Facts, NATURAL_DENSITY, readFacts } from './codec.js';
import { createDrawer, type Detail, type DrawerOptions } from './drawer.js';
import { swapsSides } from './formats/exif.js';
import { type ImageHeader, mustFitPixels } from './formats/header.js';
import { readJpegSegments } from './formats/jpeg-segments.js';
import { type ImageKind, isDrawn, mustBeSupported } from './formats/kinds.js';
import { readPngChunks } from './formats/png-chunks.js';
import { tiffPages } from './formats/tiff-pages.js';
import { isUnchanged, limitsOf, planSize, type Size } from './sizing.js';
import type { Source } from './source.js';

export interface LookOptions extends DrawerOptions {
  /** Whole seconds after which libvips gives up. */
  readonly timeoutSecs: number;
}

/**
 * Reads what a file says of one of its pages. A JPEG or PNG with `as-is`, and a JPEG that is scaled, is looked at without
 * a decoder; a HEIC, BMP or page of a PDF is drawn by a thread here and now.
 *
 * @throws VisionError IMAGE_UNREADABLE, IMAGE_TRUNCATED, IMAGE_TOO_LARGE, IMAGE_UNSUPPORTED, PDF_ENCRYPTED, PDF_UNREADABLE
 */
export type Look = (page: PageBytes, settings: PixelSettings, detail?: Detail) => Promise<Source>;

export function createLook(options: LookOptions): Look {
  const { maxInputPixels, timeoutSecs, knownBytes } = options;
  const draw = createDrawer(options);
  return async (page, settings, detail = 'whole') => {
    const { bytes } = page;
    const kind = mustBeSupported(sniff(bytes), bytes);
    const pages = kind === 'tiff' ? tiffPages(bytes) : null;
    const encoded: Encoded = {
      bytes,
      frame: pages?.[page.page - 1] ?? page.page - 1,
      raster: null,
      density: NATURAL_DENSITY,
      maxInputPixels,
      timeoutSecs,
      failOn: kind === 'jpeg' ? 'warning' : 'error',
    };
    const opened = isDrawn(kind)
      ? { ...(await draw(kind, { encoded, page, settings, detail })), header: null }
      : await encodedFacts(kind, encoded, settings);
    const { facts, header } = opened;
    return {
      ...encoded,
      ...opened,
      ...(facts.ground !== undefined && { ground: facts.ground }),
      kind,
      hasUnseenFrames: (page.pages === undefined && (pages?.length ?? facts.frames) > 1) || header?.animated === true,
      isWholeFile: !isDrawn(kind) && page.page === 1 && (facts.frames === 1 || page.pages === undefined),
      sha256: () => knownBytes(bytes).sha256(),
    };
  };
}

type Opened = Pick<Source, 'facts' | 'header' | 'density'>;

async function encodedFacts(kind: ImageKind, encoded: Encoded, settings: PixelSettings): Promise<Opened> {
  const header = walk(kind, encoded.bytes);
  if (header !== null) mustFitPixels(header, encoded.maxInputPixels);
  const { density } = encoded;
  if (header !== null && (settings.mode === 'as-is' || (kind === 'jpeg' && isScaled(header, settings)))) {
    return { facts: factsOf(header), header, density };
  }
  const facts = await readFacts(encoded);
  return { facts: header?.animated ? { ...facts, frames: 2 } : facts, header, density };
}

function walk(kind: ImageKind, bytes: Uint8Array): ImageHeader | null {
  if (kind === 'jpeg') return readJpegSegments(bytes);
  return kind === 'png' ? readPngChunks(bytes) : null;
}

/** Whether an image is drawn anew whatever its pixels are: then its header says enough of one that has no clear areas. */
function isScaled(header: ImageHeader, settings: PixelSettings): boolean {
  const upright = uprightOf(header);
  return !isUnchanged(upright, planSize(upright, limitsOf(settings)));
}

function factsOf(header: ImageHeader): Facts {
  return { upright: uprightOf(header), isPlain: false, frames: header.animated ? 2 : 1 };
}

function uprightOf({ width, height, orientation }: ImageHeader): Size {
  return swapsSides(orientation) ? { width: height, height: width } : { width, height };
}
