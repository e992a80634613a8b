import type { ModelImage } from '../core/ask.js';
import { encodeRaster, type Output, renderRaster } from './codec.js';
import type { ImageKind } from './formats/kinds.js';
import type { Raster } from './raster.js';
import { formatFor, type Source, type Tolerated, tolerant } from './source.js';

/** A PNG with more bytes a pixel holds a photo or its grain: a JPEG shows that as well at a third of the size. */
const MOST_PNG_DENSITY = 1;

/** What is sent of an image, and the pixels that it was made of. */
export interface Drawing {
  readonly image: ModelImage;
  readonly raster: Raster;
}

/** Draws an image or a part of it: small line art and text as PNG, everything else as JPEG. */
export async function draw(source: Source, output: Output): Promise<Tolerated<Drawing>> {
  const { result: raster, isDamaged } = await tolerant(source, (encoded) => renderRaster(encoded, output));
  return { result: { image: await written(raster, source.kind), raster }, isDamaged };
}

async function written(raster: Raster, kind: ImageKind): Promise<ModelImage> {
  const format = formatFor(kind, raster);
  const image = await encodeRaster(raster, format);
  const isPhoto = format === 'png' && image.bytes.length > MOST_PNG_DENSITY * raster.width * raster.height;
  return isPhoto ? await encodeRaster(raster, 'jpeg') : image;
}
