import sharp, { type Sharp } from 'sharp';

export const WHITE = [255, 255, 255];
export const RED = [255, 0, 0];
export const GREEN = [0, 255, 0];
export const BLUE = [0, 0, 255];

/** Quarters of a picture as a person sees it: top left, top right, bottom left, bottom right. */
export const QUARTERS = [RED, GREEN, BLUE, WHITE];

/** A picture of red and green over blue and white quarters. */
export function quarters(width: number, height: number): Sharp {
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      pixels.set(QUARTERS[(y < height / 2 ? 0 : 2) + (x < width / 2 ? 0 : 1)] ?? WHITE, (y * width + x) * 3);
    }
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

/** A stripe across a picture. */
interface Band {
  readonly top: number;
  readonly height: number;
  readonly colour: readonly number[];
}

/** A white picture with coloured stripes across it. */
export function banded(width: number, height: number, bands: readonly Band[]): Sharp {
  const pixels = new Uint8Array(width * height * 3).fill(255);
  for (const band of bands) {
    for (let at = band.top * width; at < (band.top + band.height) * width; at += 1) pixels.set(band.colour, at * 3);
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

/** A picture that no encoder makes small. */
export function noise(width: number, height: number): Sharp {
  const pixels = new Uint8Array(width * height * 3);
  let state = 1;
  for (let at = 0; at < pixels.length; at += 1) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    pixels[at] = state >> 16;
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

interface Colour {
  readonly r: number;
  readonly g: number;
  readonly b: number;
  /** 0 (clear) … 1; an image without alpha when left out. */
  readonly alpha?: number;
}

/** A picture of one colour. */
export function plain(width: number, height: number, background: Colour): Sharp {
  const channels = background.alpha === undefined ? 3 : 4;
  return sharp({ create: { width, height, channels, background } });
}

/** The colour at a place, given as fractions of the sides. */
export async function colourAt(bytes: Uint8Array, x: number, y: number): Promise<number[]> {
  const { data, info } = await sharp(bytes).toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  const at = (Math.floor(y * info.height) * info.width + Math.floor(x * info.width)) * info.channels;
  const pixel = [...data.subarray(at, at + info.channels)];
  const [grey = 0] = pixel;
  return info.channels === 1 ? [grey, grey, grey] : pixel;
}

/** The colours in the middle of the four quarters. */
export async function quartersOf(bytes: Uint8Array): Promise<number[][]> {
  const corners = [
    [0.25, 0.25],
    [0.75, 0.25],
    [0.25, 0.75],
    [0.75, 0.75],
  ] as const;
  return await Promise.all(corners.map(([x, y]) => colourAt(bytes, x, y)));
}

/** The largest difference between two lists of colours, channel by channel. */
export function difference(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number {
  return Math.max(...a.flatMap((colour, i) => colour.map((channel, j) => Math.abs(channel - (b[i]?.[j] ?? 999)))));
}

/** How a person's upright picture must be stored for each EXIF orientation: the inverse turn. */
const TURNS: Record<number, (upright: Sharp) => Sharp> = {
  1: (s) => s,
  2: (s) => s.flop(),
  3: (s) => s.rotate(180),
  4: (s) => s.flip(),
  5: (s) => s.flip().rotate(90), // sharp mirrors before it turns
  6: (s) => s.rotate(270),
  7: (s) => s.flop().rotate(90),
  8: (s) => s.rotate(90),
};

/** A file that shows the picture upright only to who heeds its EXIF orientation. */
export async function stored(
  upright: Sharp,
  { orientation, format }: { readonly orientation: number; readonly format: 'jpeg' | 'png' },
): Promise<Buffer> {
  const flat = sharp(await upright.png().toBuffer());
  const turned = await (TURNS[orientation]?.(flat) ?? flat).png().toBuffer();
  return await sharp(turned).withMetadata({ orientation }).toFormat(format).toBuffer();
}

/** A PNG chunk with its checksum left at zero, for files that are only walked. */
export function pngChunk(type: string, data: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  return Buffer.concat([length, Buffer.from(type, 'latin1'), data, Buffer.alloc(4)]);
}
