import type { PixelSettings } from '../core/ask.js';
import type { PageBytes } from '../core/item.js';
import { type Encoded, type Facts, readFacts, readGround } from './codec.js';
import type { Drawn, PdfBytes } from './formats/drawn.js';
import type { DrawnKind } from './formats/kinds.js';
import type { DrawLimits } from './formats/pdf-size.js';
import type { KnownBytes } from './known-bytes.js';
import type { Raster } from './raster.js';
import type { Rgba } from './rgba.js';
import { CSS_DPI } from './svg/draw.js';
import type { SvgDrawer } from './svg/drawer.js';
import type { Threads } from './threads/pool.js';
import type { DecodeReply } from './threads/task.js';
import { MOST_TILES } from './tiles.js';

/**
 * How much of a page is needed: `whole` draws a page without pixels of its own no larger than it is sent, `parts` as
 * large as `dpi` says, for who cuts it.
 */
export type Detail = 'whole' | 'parts';

export interface DrawerOptions {
  readonly threads: Threads;
  readonly svgs: SvgDrawer;
  readonly knownBytes: (bytes: Uint8Array) => KnownBytes;
  readonly pdfPasswords: readonly string[];
  /** Width × height above which nothing is decoded or drawn. */
  readonly maxInputPixels: number;
}

/** What is to be drawn. */
export interface DrawRequest {
  readonly encoded: Encoded;
  readonly page: PageBytes;
  readonly settings: PixelSettings;
  readonly detail: Detail;
}

/** Pixels of one page, and what is said of it. */
export interface DrawnPage {
  readonly raster: Rgba | Raster;
  readonly facts: Facts;
}

/** Draws pages that libvips does not read, in threads, and those that may take it for ever, in processes. */
export function createDrawer(options: DrawerOptions): (kind: DrawnKind, request: DrawRequest) => Promise<DrawnPage> {
  return async (kind, request) => {
    const { raster, pages } = await drawn(options, kind, request);
    const { width, height } = raster;
    const facts = { upright: { width, height }, isPlain: false, frames: pages };
    if (kind === 'pdf') return { raster, facts };
    return { raster, facts: { ...facts, ground: await readGround({ ...request.encoded, raster }) } };
  };
}

async function drawn(options: DrawerOptions, kind: DrawnKind, request: DrawRequest): Promise<Drawn> {
  if (kind === 'pdf') return await drawPdf(options, request);
  return kind === 'svg' ? await drawSvg(options, request) : await decode(options, kind, request);
}

/** A PDF as a thread takes it. */
export async function pdfBytes({ knownBytes, pdfPasswords }: DrawerOptions, bytes: Uint8Array): Promise<PdfBytes> {
  const known = knownBytes(bytes);
  return { id: known.id, bytes: await known.shared(), passwords: pdfPasswords };
}

async function drawPdf(options: DrawerOptions, { page, settings, detail }: DrawRequest): Promise<Drawn> {
  const document = await pdfBytes(options, page.bytes);
  const limits = drawLimits(settings, { detail, maxPixels: options.maxInputPixels });
  const asked = { page: page.page, limits, maxImagePixels: options.maxInputPixels };
  return drawnBy(await options.threads.decode({ kind: 'pdf-draw', document, ...asked }));
}

async function drawSvg(
  { svgs, maxInputPixels }: DrawerOptions,
  { encoded, settings, detail }: DrawRequest,
): Promise<Drawn> {
  const limits = drawLimits(settings, { detail, maxPixels: maxInputPixels });
  const dpi = settings.mode === 'as-is' ? CSS_DPI : limits.dpi;
  const { bytes, timeoutSecs } = encoded;
  return { raster: await svgs.draw(bytes, { ...limits, dpi, maxInputPixels, timeoutSecs }), pages: 1 };
}

function drawLimits(
  settings: PixelSettings,
  most: { readonly detail: Detail; readonly maxPixels: number },
): DrawLimits {
  const times = most.detail === 'parts' ? MOST_TILES : 1; // as many parts, each as large as what is sent whole
  if (settings.mode === 'as-is') return { dpi: settings.dpi, maxSide: UNBOUNDED_SIDE, maxPixels: most.maxPixels };
  return {
    dpi: settings.dpi,
    maxSide: settings.maxSide * times,
    maxPixels: Math.min(settings.maxPixels * times, most.maxPixels),
  };
}

/** Longer images than this are refused by JPEG and by hosts. */
const UNBOUNDED_SIDE = 65_500;

async function decode(
  { threads, knownBytes, maxInputPixels }: DrawerOptions,
  kind: 'heic' | 'bmp',
  { encoded }: DrawRequest,
): Promise<Drawn> {
  if (kind === 'heic') await readFacts(encoded); // refuses by its header what is too large or cut
  const bytes = await knownBytes(encoded.bytes).shared();
  return drawnBy(await threads.decode({ kind, bytes, maxPixels: maxInputPixels }));
}

function drawnBy(reply: DecodeReply): Drawn {
  if (reply.kind === 'drawn') return reply;
  throw new TypeError(`Expected a thread to draw, got ${reply.kind}`);
}
