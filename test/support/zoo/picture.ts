import sharp from 'sharp';

/** Red, green and blue, 0…255 each. */
export type Colour = readonly [red: number, green: number, blue: number];

/** What a person sees: upright pixels, row by row from the top, 3 bytes (red, green, blue) each. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

export type Size = Pick<Picture, 'width' | 'height'>;

export const WHITE: Colour = [255, 255, 255];
export const BLACK: Colour = [0, 0, 0];
export const RED: Colour = [255, 0, 0];
export const GREEN: Colour = [0, 255, 0];
export const BLUE: Colour = [0, 0, 255];

/** Large enough to be sent as it is, small enough for hundreds of them. */
export const SMALL: Size = { width: 96, height: 64 };

/** A picture by the colour of each pixel. */
export function painted({ width, height }: Size, colourOf: (x: number, y: number) => Colour): Picture {
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) pixels.set(colourOf(x, y), (y * width + x) * 3);
  }
  return { width, height, pixels };
}

/** Red and green over blue and white quarters: every turn and mirror of it is another picture. */
export function quarters(size: Size = SMALL): Picture {
  return painted(size, (x, y) => {
    if (y < size.height / 2) return x < size.width / 2 ? RED : GREEN;
    return x < size.width / 2 ? BLUE : WHITE;
  });
}

/** A black upper left quarter on white: what one bit a pixel can hold. */
export function corner(size: Size = SMALL): Picture {
  return painted(size, (x, y) => (x < size.width / 2 && y < size.height / 2 ? BLACK : WHITE));
}

/** Four greys, from black in the upper left quarter to white in the lower right. */
export function greys(size: Size = SMALL): Picture {
  return painted(size, (x, y) => {
    const level = (y < size.height / 2 ? 0 : 2) + (x < size.width / 2 ? 0 : 1);
    return [level * 85, level * 85, level * 85];
  });
}

/** Bars as a line of writing has them, in one colour on another. */
export function writing(ink: Colour, paper: Colour, size: Size = SMALL): Picture {
  return painted(size, (x, y) => (isInk(x, y) ? ink : paper));
}

/** Whether {@link writing} has ink there: strokes of 3 pixels, every 8, in lines of 16. */
export function isInk(x: number, y: number): boolean {
  return x >= 8 && x % 8 < 3 && y % 16 >= 4 && y % 16 < 12;
}

/** Its pixels in order, as colours. */
export function colourAt({ width, pixels }: Picture, x: number, y: number): Colour {
  const at = (y * width + x) * 3;
  return [pixels[at] ?? 0, pixels[at + 1] ?? 0, pixels[at + 2] ?? 0];
}

/**
 * How a camera that was held this way stores the picture. By the meaning of the tag: its value says which visual side the
 * stored first row and first column are (EXIF 2.32, 4.6.5.A; TIFF 6.0, Orientation).
 */
export function storedAs(upright: Picture, orientation: number): Picture {
  const { width, height } = upright;
  const size = orientation >= 5 ? { width: height, height: width } : { width, height };
  const fromRight = (x: number): number => width - 1 - x;
  const fromBottom = (y: number): number => height - 1 - y;
  const source: Record<number, (u: number, v: number) => Colour> = {
    1: (u, v) => colourAt(upright, u, v),
    2: (u, v) => colourAt(upright, fromRight(u), v),
    3: (u, v) => colourAt(upright, fromRight(u), fromBottom(v)),
    4: (u, v) => colourAt(upright, u, fromBottom(v)),
    5: (u, v) => colourAt(upright, v, u),
    6: (u, v) => colourAt(upright, fromRight(v), u),
    7: (u, v) => colourAt(upright, fromRight(v), fromBottom(u)),
    8: (u, v) => colourAt(upright, v, fromBottom(u)),
  };
  return painted(size, source[orientation] ?? (() => WHITE));
}

/** The picture shrunk into `size` and laid in the middle of a white canvas. */
export async function onCanvas(
  picture: Picture,
  { image, canvas }: Record<'image' | 'canvas', Size>,
): Promise<Picture> {
  const left = Math.floor((canvas.width - image.width) / 2);
  const top = Math.floor((canvas.height - image.height) / 2);
  const shrunk = await sharp(picture.pixels, { raw: { width: picture.width, height: picture.height, channels: 3 } })
    .resize({ ...image, fit: 'fill' })
    .raw()
    .toBuffer();
  const small = { ...image, pixels: shrunk };
  return painted(canvas, (x, y) => {
    const [u, v] = [x - left, y - top];
    return u >= 0 && v >= 0 && u < image.width && v < image.height ? colourAt(small, u, v) : WHITE;
  });
}

/** What an image that was made for a model shows. It must be as a model reads it: no alpha, nothing to be turned. */
export async function seenIn(bytes: Uint8Array): Promise<Picture> {
  const { orientation = 1, hasAlpha } = await sharp(bytes).metadata();
  if (orientation !== 1 || hasAlpha) throw new Error('Expected an image that is upright and opaque');
  const { data, info } = await sharp(bytes).toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  if (channels === 3) return { width, height, pixels: data };
  return painted(info, (x, y) => {
    const grey = data[(y * width + x) * channels] ?? 0;
    return [grey, grey, grey];
  });
}

/** The mean over all pixels and channels of how far two pictures are apart, 0…255; 255 where their sizes differ. */
export function meanDifference(a: Picture, b: Picture): number {
  if (a.width !== b.width || a.height !== b.height) return 255;
  let sum = 0;
  for (const [at, value] of a.pixels.entries()) sum += Math.abs(value - (b.pixels[at] ?? 0));
  return sum / a.pixels.length;
}
