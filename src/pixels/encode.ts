import type { ModelImage } from '../core/ask.js';
import { type Output, render } from './codec.js';
import { formatFor, type Source, type Tolerated, tolerant } from './source.js';

/** A PNG with more bytes a pixel holds a photo or its grain: a JPEG shows that as well at a third of the size. */
const MOST_PNG_DENSITY = 1;

/** Draws an image or a part of it: small line art and text as PNG, everything else as JPEG. */
export async function draw(source: Source, output: Omit<Output, 'format'>): Promise<Tolerated<ModelImage>> {
  const { width, height } = output.plan.canvas;
  const as = (format: Output['format']): Promise<Tolerated<ModelImage>> =>
    tolerant(source, (encoded) => render(encoded, { ...output, format }));
  const format = formatFor(source.kind, { width, height });
  const drawn = await as(format);
  const isPhoto = format === 'png' && drawn.result.bytes.length > MOST_PNG_DENSITY * width * height;
  return isPhoto ? await as('jpeg') : drawn;
}
