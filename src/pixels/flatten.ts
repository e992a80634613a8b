import type { Rgba } from './rgba.js';

/** A grey, 0 (black) … 255 (white). */
export type Tone = number;

export const WHITE: Tone = 255;
/** Not black: ink that is black all the same stays visible on it. */
const DARK: Tone = 40;

/** Ink that is lighter than this (Rec. 709 luma, 0 … 255) is hard to read on white. */
const LIGHT_INK = 170;
/** Darker ink than this needs white. */
const DARK_INK = 128;
/** With more dark ink than this share of all ink, clear areas stay white. */
const MOST_DARK = 0.02;
/** What is less clear than this is a picture with a rim, not ink on nothing. */
const LEAST_CLEAR = 0.1;

/**
 * On what a picture with clear areas is drawn, so that its ink stays readable: on white, but white ink on dark. It is
 * decided by how light its ink is.
 */
export function groundFor({ pixels }: Rgba): Tone {
  let [ink, dark, light] = [0, 0, 0];
  for (let at = 0; at + 3 < pixels.length; at += 4) {
    const opacity = (pixels[at + 3] ?? 0) / 255;
    const luma = 0.2126 * (pixels[at] ?? 0) + 0.7152 * (pixels[at + 1] ?? 0) + 0.0722 * (pixels[at + 2] ?? 0);
    ink += opacity;
    light += luma * opacity;
    if (luma < DARK_INK) dark += opacity;
  }
  const isOnNothing = ink > 0 && ink < (1 - LEAST_CLEAR) * (pixels.length / 4);
  return isOnNothing && light > LIGHT_INK * ink && dark < MOST_DARK * ink ? DARK : WHITE;
}
