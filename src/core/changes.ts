/**
 * What a further try changes.
 * - `penalty`: repeat penalty 1.15 and temperature 0.2.
 * - `more-tokens`: a longer answer, as far as the context holds.
 * - `halves`: the page in two halves, joined by matching lines.
 * - `smaller`: half the pixels of the last try.
 * - `complaint`: the answer and what is wrong with it go back as a further turn.
 * - `warmer`: temperature 0.2 and another seed.
 * - `other-host`: nothing but the host.
 * - `again`: nothing.
 */
export const CHANGES = [
  'penalty',
  'more-tokens',
  'halves',
  'smaller',
  'complaint',
  'warmer',
  'other-host',
  'again',
] as const;
export type Change = (typeof CHANGES)[number];
