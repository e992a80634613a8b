import type { VisionJob } from '../jobs/vision-job.js';
import type { Ask, ModelImage } from '../src/core/ask.js';
import { isHeldUrl } from '../src/core/held-url.js';
import type { PageBytes, SourceBytes, SourceReader, SourceRef, SourceSeen } from '../src/core/item.js';
import type { SourceFacts } from '../src/core/outcome-record.js';
import type { SentImage } from '../src/core/record.js';
import { isBlank } from '../src/pixels/ink/ink.js';
import type { Pixels, PreparedImage } from '../src/pixels/prepare.js';
import type { StitchedImage } from '../src/pixels/stitch/stitch.js';
import { type Plan, scaledPixels } from './plan.js';

/** A source that was read. */
interface ReadSource {
  readonly ref: SourceRef;
  readonly source: SourceBytes;
  readonly page: PageBytes;
}

/** A source that was read, and what it became. */
interface OpenedImage extends ReadSource {
  readonly prepared: PreparedImage;
}

/** How sources are read: those of several pages are asked for page after page. */
export interface ItemReaders {
  readonly open: SourceReader;
  readonly openPages: SourceReader;
}

/** Sides below which an image is not made smaller: what is lost is worth more than what is won. */
const LEAST_LONGEST_SIDE = 448;
/** A page lower than this has no halves worth reading. */
const LEAST_HALVED = 400;

/** What of a job says which images it is about. */
type ImagesJob = Pick<VisionJob, 'page' | 'pages' | 'seen' | 'sources'>;

/** The images of one item: read once, made ready for every try. */
export class ItemImages {
  readonly #job: ImagesJob;
  readonly #ask: Ask;
  readonly #pixels: Pixels;
  readonly #read: ReadSource[] = [];
  readonly #opened: OpenedImage[] = [];
  /** Whether the page was answered by its text, and others of its document are nobody's. */
  #hasUnseenPages = false;
  /** What is sent in place of a page that no model can read whole. */
  #tiles: readonly ModelImage[] | null = null;
  /** The canvas that stands for the images as it is sent at first. */
  #wholeCanvas: StitchedImage | null = null;
  /** The canvas that was sent last in place of the images. */
  #canvas: StitchedImage | null = null;
  /** What is noted of sources, as far as they were read or could not be. */
  readonly #noted: Noted[] = [];

  constructor(job: ImagesJob, ask: Ask, pixels: Pixels) {
    this.#job = job;
    this.#ask = ask;
    this.#pixels = pixels;
  }

  /** Reads every source. Throws what the reader throws. */
  async read({ open, openPages }: ItemReaders, signal: AbortSignal): Promise<void> {
    const { page, pages = 1, sources } = this.#job;
    const reader = pages > 1 ? openPages : open;
    for (const [at, ref] of sources.entries()) {
      const seen = this.#job.seen?.[at];
      const how = seen === undefined ? { signal } : { seen, signal };
      const source = await this.#noting(at, () => reader(ref, how));
      const { bytes } = source;
      const counted = sources.length === 1 && this.#job.pages !== undefined;
      this.#read.push({ ref, source, page: counted ? { bytes, page, pages } : { bytes, page: 1 } });
    }
  }

  /** The text that the page itself holds, where that is to be its answer; else null. Throws what the pixels throw. */
  async text(): Promise<string | null> {
    const [only, ...others] = this.#read;
    if (this.#ask.pdfText === 'ignore' || only === undefined || others.length > 0) return null;
    const text = await this.#pixels.textOf(only.page);
    const { bytes, pages } = only.page;
    this.#hasUnseenPages =
      text !== null && pages === undefined && (await this.#pixels.pagesOf(bytes, { frames: 'first' })) > 1;
    return text;
  }

  /** Proves that every source can be seen. Throws what the pixels throw. */
  async prepare(): Promise<void> {
    for (const read of this.#read) {
      this.#opened.push({ ...read, prepared: await this.#pixels.prepareImage(read.page, this.#ask.pixels) });
    }
    if (!this.isBlank && this.#opened[0]?.prepared.mayBeCut) this.#tiles = await this.#tilesAt(1);
  }

  /** Share of the page that is ink; null where it was not measured. */
  get ink(): number | null {
    return this.#opened[0]?.prepared.ink ?? null;
  }

  /** Whether there is nothing on the page to be read. */
  get isBlank(): boolean {
    return this.#opened.length === 1 && isBlank(this.ink);
  }

  /** Whether the page is sent in tiles. */
  get isTiled(): boolean {
    return this.#tiles !== null;
  }

  /** What is known of the sources so far, for the record. */
  facts(): readonly SourceFacts[] {
    return this.#job.sources.map((ref, at) => {
      const { size = null, mtimeMs = null, etag } = this.#noted[at] ?? {};
      const prepared = this.#opened[at]?.prepared;
      const seen = { ref, size, mtimeMs, ...(etag === undefined ? {} : { etag }) };
      if (prepared === undefined) return { ...seen, image: null };
      return { ...seen, image: { ...sentImage(prepared), ...this.#onCanvas(at), ...this.#inTiles() } };
    });
  }

  /** How many pages the source has; null where nobody counted, or what was counted is not what was read. */
  get pages(): number | null {
    const { pages = null, seen, sources } = this.#job;
    const [ref] = sources;
    const [listed] = seen ?? [];
    const [read] = this.#noted;
    const isHeld = ref !== undefined && 'url' in ref && isHeldUrl(ref.url); // has no time, and is what was counted
    const isAsCounted = isHeld || listed === undefined || read === undefined || isSameVersion(listed, read);
    return isAsCounted ? pages : null;
  }

  /** What the pixels have to say, each once. */
  warnings(): readonly string[] {
    const unseen = this.#hasUnseenPages ? ['first-frame-only'] : [];
    const tiled = this.#tiles === null ? [] : [`tiled:${this.#tiles.length}`];
    return [...new Set([...unseen, ...this.#opened.flatMap(({ prepared }) => prepared.warnings), ...tiled])];
  }

  /** Notes size and time of a source. One that cannot be read is what was listed: as soon as it differs, it is asked. */
  async #noting(at: number, read: () => Promise<SourceBytes>): Promise<SourceBytes> {
    try {
      const source = await read();
      this.#noted.push(source);
      return source;
    } catch (thrown) {
      const listed = this.#job.seen?.[at];
      if (listed !== undefined) this.#noted.push(listed);
      throw thrown;
    }
  }

  /** Whether fewer pixels can be sent than a try at this scale sends. */
  allowsSmaller(scale: number): boolean {
    const whole = this.#wholeCanvas === null ? this.#opened.map(({ prepared }) => prepared.image) : [this.#wholeCanvas];
    const sent = this.#tiles ?? whole;
    const longest = Math.max(...sent.map(({ width, height }) => Math.max(width, height)));
    return this.#ask.pixels.mode === 'auto' && longest * scale > LEAST_LONGEST_SIDE;
  }

  /** Whether there is one page that is high enough to be read in two halves. */
  get allowsHalves(): boolean {
    const [first, ...others] = this.#opened;
    if (first === undefined || others.length > 0 || this.#ask.pixels.mode !== 'auto' || this.isTiled) return false;
    return first.prepared.height >= LEAST_HALVED;
  }

  /** The first image as it is sent at first. */
  get first(): ModelImage | null {
    return this.#opened[0]?.prepared.image ?? null;
  }

  /** What a try sends: one list of images for each request that it takes. */
  async requests({ halves, scale }: Plan): Promise<readonly (readonly ModelImage[])[]> {
    const tiles = scale === 1 ? this.#tiles : await this.#tilesAt(scale);
    if (tiles !== null) return tiles.map((tile) => [tile]);
    if (halves) return await this.#halves(scale);
    if (this.#ask.stitch && this.#opened.length > 1) return [[await this.#stitched(scale)]];
    return [await Promise.all(this.#opened.map((opened) => this.#scaled(opened, scale)))];
  }

  /** Tiles of a page that was sent in tiles, or is to be; null for any other item. */
  async #tilesAt(scale: number): Promise<readonly ModelImage[] | null> {
    const [only, ...others] = this.#opened;
    const { form, pixels } = this.#ask;
    if (form.kind !== 'page' || pixels.mode !== 'auto' || only === undefined || others.length > 0) return null;
    if (scale === 1) return await this.#pixels.prepareTiles(only.page, pixels);
    const [largest] = (this.#tiles ?? []).toSorted((a, b) => longest(b) - longest(a));
    return largest === undefined
      ? null
      : await this.#pixels.prepareTiles(only.page, scaledPixels(pixels, scale, largest));
  }

  /** Each half may be as large as the page at this scale. */
  async #halves(scale: number): Promise<readonly (readonly ModelImage[])[]> {
    const [first] = this.#opened;
    if (first === undefined) return [];
    const settings = scaledPixels(this.#ask.pixels, scale, first.prepared.image);
    const halves = await this.#pixels.prepareHalves(first.page, settings);
    return halves === null ? [[await this.#scaled(first, scale)]] : halves.map((half) => [half]);
  }

  async #stitched(scale: number): Promise<ModelImage> {
    const sources = this.#opened.map(({ page }) => page);
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

  /** How a page was sent in tiles: all of them together. */
  #inTiles(): Partial<SentImage> {
    if (this.#tiles === null) return {};
    return {
      sent_width: Math.max(...this.#tiles.map(({ width }) => width)),
      sent_height: this.#tiles.reduce((sum, { height }) => sum + height, 0),
      sent_bytes: this.#tiles.reduce((sum, { bytes }) => sum + bytes.length, 0),
    };
  }

  async #scaled({ page, prepared }: OpenedImage, scale: number): Promise<ModelImage> {
    if (scale === 1) return prepared.image;
    const settings = scaledPixels(this.#ask.pixels, scale, prepared.image);
    return (await this.#pixels.prepareImage(page, settings)).image;
  }
}

/** What is noted of a source. */
type Noted = SourceSeen & Pick<SourceBytes, 'etag'>;

/** Whether a source is what discovery saw of it; what it could not see counts as that. */
function isSameVersion(listed: SourceSeen, read: SourceSeen): boolean {
  return (listed.size ?? read.size) === read.size && (listed.mtimeMs ?? read.mtimeMs) === read.mtimeMs;
}

function longest({ height, width }: ModelImage): number {
  return Math.max(width, height);
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
