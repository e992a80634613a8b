import type { Rect, Size } from '../sizing.js';

/**
 * The lit bars of each digit on a seven-segment display, in its usual letters: a top, b upper right, c lower right,
 * d bottom, e lower left, f upper left, g middle.
 */
const LIT: readonly string[] = [
  'abcdef',
  'bc',
  'abdeg',
  'abcdg',
  'bcfg',
  'acdfg',
  'acdefg',
  'abc',
  'abcdefg',
  'abcdfg',
];

/** How much room a whole number takes in digits of this height, in pixels. */
export function numberSize(value: number, height: number): Size {
  const { width, gap } = measures(height);
  const { length } = String(value);
  return { width: length * width + (length - 1) * gap, height };
}

/** The bars that draw a whole number, 0 or more, from a corner. No font is needed: many machines have none. */
export function numberBars(value: number, { left, top, height }: Omit<Rect, 'width'>): readonly Rect[] {
  const { width, gap } = measures(height);
  return [...String(value)].flatMap((digit, place) => {
    const bars = digitBars({ left: left + place * (width + gap), top, width, height });
    return [...(LIT[Number(digit)] ?? '')].flatMap((letter) => bars[letter] ?? []);
  });
}

function digitBars({ left, top, width, height }: Rect): Readonly<Record<string, Rect>> {
  const { bar } = measures(height);
  const right = left + width - bar;
  const middle = top + Math.floor((height - bar) / 2);
  const bottom = top + height - bar;
  const across = { left, width, height: bar };
  const upper = { top, width: bar, height: middle + bar - top };
  const lower = { top: middle, width: bar, height: bottom + bar - middle };
  return {
    a: { ...across, top },
    b: { ...upper, left: right },
    c: { ...lower, left: right },
    d: { ...across, top: bottom },
    e: { ...lower, left },
    f: { ...upper, left },
    g: { ...across, top: middle },
  };
}

function measures(height: number): { readonly width: number; readonly bar: number; readonly gap: number } {
  const bar = Math.max(1, Math.round(height / 6));
  return { width: Math.round(height * 0.6), bar, gap: 2 * bar };
}
