import { availableParallelism } from 'node:os';
import pLimit from 'p-limit';
import type { ModelImage, PixelSettings } from '../core/ask.js';
import type { PageBytes } from '../core/item.js';
import { useThreads } from './codec.js';
import { drawHalves, type Halves } from './halves.js';
import { isBlank } from './ink/ink.js';
import { createMeasures } from './ink/measures.js';
import { inkOn, inkOnTiles } from './ink/written.js';
import { createKnownBytes } from './known-bytes.js';
import { createLook } from './look.js';
import { createPages, type Pages } from './pages.js';
import { noted, type Source, type SourceNote } from './source.js';
import { type StitchedImage, stitchSources } from './stitch/stitch.js';
import { type Orienter, straightened } from './straight.js';
import { createSvgDrawer } from './svg/drawer.js';
import { createThreads } from './threads/pool.js';
import { drawTiles, mayBeCut } from './tiles.js';
import { prepareWhole } from './whole.js';

export interface PixelsOptions {
  /** Threads that one image may be decoded with; images beside each other use more. */
  readonly threads: number;
  /** Width × height above which nothing is decoded: a small file can hold more than the memory. */
  readonly maxInputPixels: number;
  /** Images that are decoded at once. @defaultValue the machine's cores */
  readonly decodes?: number;
  /** What one image may take decoded, in MiB, at four bytes a pixel; the lower of this and `maxInputPixels` holds. @defaultValue 1024 */
  readonly maxDecodeMb?: number;
  /** After this a decode is given up. Whole seconds, in milliseconds. @defaultValue 60000 */
  readonly decodeTimeoutMs?: number;
  /** Tried in order on PDFs that want one. @defaultValue none */
  readonly pdfPasswords?: readonly string[];
  /** Finds out how a page lies, for settings that `rotate` automatically. @defaultValue no page is turned */
  readonly orienter?: Orienter;
}

/** An image as a model sees it, and what is said of its source. */
export interface PreparedImage extends SourceNote {
  readonly image: ModelImage;
  /** Share of it that is ink, 0…1; null where the settings do not ask for it. */
  readonly ink: number | null;
  /** Whether {@link Pixels.prepareTiles} may cut it; where not, it need not be drawn again to find that out. */
  readonly mayBeCut: boolean;
}

/**
 * Every verb throws VisionErrors: IMAGE_UNREADABLE, IMAGE_TRUNCATED, IMAGE_TOO_LARGE, IMAGE_UNSUPPORTED, PDF_ENCRYPTED,
 * PDF_UNREADABLE. Of the same bytes object, what does not depend on the page is worked out once.
 */
export interface Pixels extends Pages {
  /**
   * Makes a file's bytes what a model can see: upright, flattened on white or, under white ink, on dark, 8-bit sRGB, sized
   * by the settings, as JPEG or PNG. Bytes that are all this pass through untouched. With `as-is` everything does, but for
   * images that are too small or too thin for any model: these are padded all the same, because they crash hosts.
   */
  prepareImage(page: PageBytes, settings: PixelSettings): Promise<PreparedImage>;
  /**
   * Cuts a page into an upper and a lower half that overlap by a tenth of its height (60 pixels at least), each sized by
   * the settings on its own, so that its letters become larger than on the whole page wherever that had to shrink.
   *
   * @returns null for a page too low to be cut
   */
  prepareHalves(page: PageBytes, settings: PixelSettings): Promise<Halves | null>;
  /**
   * Cuts a page that no model reads as a whole into overlapping tiles from top to bottom, 12 at most: pages more than four
   * times as high as wide, and pages whose letters become too small in a model that scales all to one size.
   *
   * @returns null for a page that is sent whole
   */
  prepareTiles(page: PageBytes, settings: PixelSettings): Promise<readonly ModelImage[] | null>;
  /**
   * Lays images side by side on one white canvas, at one height, each under its number in large digits: for models that
   * take one image only. Up to eight stand in a row. The canvas keeps to the settings' limits, with `as-is` too.
   *
   * @throws VisionError as above, its sentence opening with the image's number; IMAGE_TOO_LARGE also for images that are
   * too many for one canvas. RangeError for no image.
   */
  stitch(images: readonly PageBytes[], settings: PixelSettings): Promise<StitchedImage>;
  /** Ends the threads and processes. Decodes in them fail. */
  close(): Promise<void>;
}

const BYTES_PER_PIXEL = 4;
const MIB = 1024 * 1024;

/** Starts nothing before the first image. */
export function createPixels(options: PixelsOptions): Pixels {
  const {
    decodes = availableParallelism(),
    maxDecodeMb = 1024,
    decodeTimeoutMs = 60_000,
    pdfPasswords = [],
    orienter,
  } = options;
  useThreads(options.threads);
  const maxInputPixels = Math.min(options.maxInputPixels, Math.floor((maxDecodeMb * MIB) / BYTES_PER_PIXEL));
  const threads = createThreads({ threads: decodes, timeoutMs: decodeTimeoutMs, heapMb: maxDecodeMb });
  const timeoutSecs = Math.max(1, Math.round(decodeTimeoutMs / 1000));
  const svgs = createSvgDrawer();
  const shared = { threads, svgs, knownBytes: createKnownBytes(), pdfPasswords, maxInputPixels, timeoutSecs };
  const measures = createMeasures(threads);
  const tools = { orienter, measures };
  const look = createLook(shared);
  const inTurn = pLimit(decodes + 1); // while one of them is between two steps, no core is idle
  const parts = async (page: PageBytes, settings: PixelSettings): Promise<Source> =>
    (await straightened(await look(page, settings, 'parts'), settings, tools)).source;
  return {
    ...createPages(shared),
    prepareImage: async (page, settings) =>
      await inTurn(async () => {
        const { source, warnings } = await straightened(await look(page, settings), settings, tools);
        const { result, note } = await noted(source, prepareWhole(source, settings));
        const wholeInk = settings.blankCheck ? await inkOn(result, { source, settings, measures }) : null;
        const { image } = result;
        const isCuttable = mayBeCut(source, settings);
        const ink =
          isCuttable && isBlank(wholeInk)
            ? await inkOnTiles({ source: await parts(page, settings), settings, measures })
            : wholeInk;
        return { image, ...note, warnings: [...note.warnings, ...warnings], ink, mayBeCut: isCuttable };
      }),
    prepareHalves: async (page, settings) =>
      await inTurn(async () => await drawHalves(await parts(page, settings), settings)),
    prepareTiles: async (page, settings) =>
      await inTurn(async () => await drawTiles(await parts(page, settings), settings, measures)),
    stitch: async (images, settings) =>
      await inTurn(async () => await stitchSources(images, { look, settings, maxInputPixels })),
    close: async () => {
      svgs.close();
      await threads.close();
    },
  };
}
