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

/** A PNG chunk with its checksum left at zero, for files that are only walked. */
export function pngChunk(type: string, data: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  return Buffer.concat([length, Buffer.from(type, 'latin1'), data, Buffer.alloc(4)]);
}
