import type { ModelImage, PixelSettings } from '../core/ask.js';
import type { PageBytes } from '../core/item.js';
import { useThreads } from './codec.js';
import { drawHalves, type Halves } from './halves.js';
import { look, noted, type SourceNote } from './source.js';
import { type StitchedImage, stitchSources } from './stitch.js';
import { prepareWhole } from './whole.js';

export interface PixelsOptions {
  /** Threads that one image may be decoded with; images beside each other use more. */
  readonly threads: number;
  /** Width × height above which nothing is decoded: a small file can hold more than the memory. */
  readonly maxInputPixels: number;
}

/** An image as a model sees it, and what is said of its source. */
export interface PreparedImage extends SourceNote {
  readonly image: ModelImage;
}

/** Every verb throws VisionErrors: IMAGE_UNREADABLE, IMAGE_TRUNCATED, IMAGE_TOO_LARGE, IMAGE_UNSUPPORTED. */
export interface Pixels {
  /**
   * Makes a file's bytes what a model can see: upright, flattened on white, 8-bit sRGB, sized by the settings, as JPEG or
   * PNG. Bytes that are all this pass through untouched. With `as-is` everything does, but for images that are too small
   * or too thin for any model: these are padded all the same, because they crash hosts.
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
   * Lays images side by side on one white canvas, at one height, each under its number in large digits: for models that
   * take one image only. Up to eight stand in a row. The canvas keeps to the settings' limits, with `as-is` too.
   *
   * @throws VisionError as above, its sentence opening with the image's number; IMAGE_TOO_LARGE also for images that are
   * too many for one canvas. RangeError for no image.
   */
  stitch(images: readonly PageBytes[], settings: PixelSettings): Promise<StitchedImage>;
}

export function createPixels({ threads, maxInputPixels }: PixelsOptions): Pixels {
  useThreads(threads);
  return {
    async prepareImage(page, settings) {
      const source = await look(page, { mode: settings.mode, maxInputPixels });
      const { result, note } = await noted(source, prepareWhole(source, settings));
      return { image: result, ...note };
    },
    async prepareHalves(page, settings) {
      return await drawHalves(await look(page, { mode: settings.mode, maxInputPixels }), settings);
    },
    async stitch(images, settings) {
      return await stitchSources(images, { settings, maxInputPixels });
    },
  };
}
