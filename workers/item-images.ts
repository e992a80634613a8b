import type { Ask, ModelImage } from '../src/core/ask.js';
import type { SourceBytes, SourceReader, SourceRef } from '../src/core/item.js';
import type { SourceFacts } from '../src/core/outcome-record.js';
import type { SentImage } from '../src/core/record.js';
import { OversizedSource } from '../src/inputs/open.js';
import type { Pixels, PreparedImage } from '../src/pixels/prepare.js';
import type { StitchedImage } from '../src/pixels/stitch.js';
import { type Plan, scaledPixels } from './plan.js';

/** A source that was read, and what it became. */
interface OpenedImage {
  readonly ref: SourceRef;
  readonly source: SourceBytes;
  readonly prepared: PreparedImage;
}

/** Sides below which an image is not made smaller: what is lost is worth more than what is won. */
const LEAST_LONGEST_SIDE = 448;
/** A page lower than this has no halves worth reading. */
const LEAST_HALVED = 400;

/** The images of one item: read once, made ready for every try. */
export class ItemImages {
  readonly #ask: Ask;
  readonly #pixels: Pixels;
  readonly #refs: readonly SourceRef[];
  readonly #opened: OpenedImage[] = [];
  /** The canvas that stands for the images as it is sent at first. */
  #wholeCanvas: StitchedImage | null = null;
  /** The canvas that was sent last in place of the images. */
  #canvas: StitchedImage | null = null;
  /** Sources as far as they were looked at, those that failed in preparation too. */
  readonly #seen: Pick<SourceBytes, 'size' | 'mtimeMs'>[] = [];

  constructor(refs: readonly SourceRef[], ask: Ask, pixels: Pixels) {
    this.#refs = refs;
    this.#ask = ask;
    this.#pixels = pixels;
  }

  /** Reads every source and proves that it can be seen. Throws what the reader and the pixels throw. */
  async open(read: SourceReader, signal: AbortSignal): Promise<void> {
    const sources: SourceBytes[] = [];
    for (const ref of this.#refs) sources.push(await this.#look(() => read(ref, signal)));
    for (const [at, source] of sources.entries()) {
      const ref = this.#refs[at];
      if (ref === undefined) continue;
      const prepared = await this.#pixels.prepareImage({ bytes: source.bytes, page: 1 }, this.#ask.pixels);
      this.#opened.push({ ref, source, prepared });
    }
  }

  /** What is known of the sources so far, for the record. */
  facts(): readonly SourceFacts[] {
    return this.#refs.map((ref, at) => {
      const { size = null, mtimeMs = null } = this.#seen[at] ?? {};
      const prepared = this.#opened[at]?.prepared;
      if (prepared === undefined) return { ref, size, mtimeMs, image: null };
      return { ref, size, mtimeMs, image: { ...sentImage(prepared), ...this.#onCanvas(at) } };
    });
  }

  /** What the pixels have to say, each once. */
  warnings(): readonly string[] {
    return [...new Set(this.#opened.flatMap(({ prepared }) => prepared.warnings))];
  }

  /** Notes size and time of a source, of one too large to be read as well: so it is asked again once it has changed. */
  async #look(read: () => Promise<SourceBytes>): Promise<SourceBytes> {
    try {
      const source = await read();
      this.#seen.push(source);
      return source;
    } catch (thrown) {
      if (thrown instanceof OversizedSource) this.#seen.push(thrown);
      throw thrown;
    }
  }

  /** Whether fewer pixels can be sent than a try at this scale sends. */
  allowsSmaller(scale: number): boolean {
    const sent = this.#wholeCanvas === null ? this.#opened.map(({ prepared }) => prepared.image) : [this.#wholeCanvas];
    const longest = Math.max(...sent.map(({ width, height }) => Math.max(width, height)));
    return this.#ask.pixels.mode === 'auto' && longest * scale > LEAST_LONGEST_SIDE;
  }

  /** Whether there is one page that is high enough to be read in two halves. */
  get allowsHalves(): boolean {
    const [first, ...others] = this.#opened;
    if (first === undefined || others.length > 0 || this.#ask.pixels.mode !== 'auto') return false;
    return first.prepared.height >= LEAST_HALVED;
  }

  /** The first image as it is sent at first. */
  get first(): ModelImage | null {
    return this.#opened[0]?.prepared.image ?? null;
  }

  /** What a try sends: one list of images for each request that it takes. */
  async requests({ halves, scale }: Plan): Promise<readonly (readonly ModelImage[])[]> {
    if (halves) return await this.#halves(scale);
    if (this.#ask.stitch && this.#opened.length > 1) return [[await this.#stitched(scale)]];
    return [await Promise.all(this.#opened.map((opened) => this.#scaled(opened, scale)))];
  }

  /** Each half may be as large as the page at this scale. */
  async #halves(scale: number): Promise<readonly (readonly ModelImage[])[]> {
    const [first] = this.#opened;
    if (first === undefined) return [];
    const settings = scaledPixels(this.#ask.pixels, scale, first.prepared.image);
    const halves = await this.#pixels.prepareHalves({ bytes: first.source.bytes, page: 1 }, settings);
    return halves === null ? [[await this.#scaled(first, scale)]] : halves.map((half) => [half]);
  }

  async #stitched(scale: number): Promise<ModelImage> {
    const sources = this.#opened.map(({ source }) => ({ bytes: source.bytes, page: 1 }));
    this.#wholeCanvas ??= await this.#pixels.stitch(sources, this.#ask.pixels);
    const settings = scaledPixels(this.#ask.pixels, scale, this.#wholeCanvas);
    this.#canvas = scale === 1 ? this.#wholeCanvas : await this.#pixels.stitch(sources, settings);
    return this.#canvas;
  }

  /** How an image of a group was sent on the canvas, whose bytes they share. */
  #onCanvas(at: number): Partial<SentImage> {
    const stitched = this.#canvas?.sources[at];
    if (this.#canvas === null || stitched === undefined) return {};
    const { sentWidth, sentHeight } = stitched;
    return { sent_width: sentWidth, sent_height: sentHeight, sent_bytes: this.#canvas.bytes.length };
  }

  async #scaled({ prepared, source }: OpenedImage, scale: number): Promise<ModelImage> {
    if (scale === 1) return prepared.image;
    const settings = scaledPixels(this.#ask.pixels, scale, prepared.image);
    return (await this.#pixels.prepareImage({ bytes: source.bytes, page: 1 }, settings)).image;
  }
}

function sentImage({ image, sha256, width, height }: PreparedImage): SentImage {
  return {
    sha256,
    width,
    height,
    sent_width: image.width,
    sent_height: image.height,
    sent_bytes: image.bytes.length,
  };
}
