import { FAMILIES } from '../../../fixtures/guard/legitimate.js';
import { type Copy, HEADS, LOOPS } from '../../../fixtures/guard/loops.js';
import { LANGUAGES, type Language, randomOf } from '../../../fixtures/guard/words.js';

/** A text that repeats itself as true pages do. */
export interface LegitimateText {
  /** Texts of one family are made alike. */
  readonly family: string;
  readonly language: Language;
  readonly maxRows: number;
  readonly text: string;
}

/** A text that begins to repeat itself and does not end. */
export interface LoopingText {
  /** Texts of one family are made alike. */
  readonly family: string;
  /** What the loop stands in or after. */
  readonly place: string;
  readonly kind: string;
  readonly maxRows: number;
  /** What stands before the loop. */
  readonly head: string;
  /** What repeats; `{n}` counts up from 1 with each copy. */
  readonly period: string;
  /** Rows of a page that one copy would take; 0 within a row. */
  readonly rows: number;
}

const TEXTS_A_FAMILY = 3;
const HEADS_A_LOOP = 2;
const MAX_ROWS = [100, 40, 200];

/** Every family of test/fixtures/guard/legitimate.ts in several languages, the same on every machine. */
export function legitimateTexts(): readonly LegitimateText[] {
  const languages = Object.keys(LANGUAGES).filter(isLanguage);
  const texts = Object.entries(FAMILIES).flatMap(([family, make], at) =>
    Array.from({ length: TEXTS_A_FAMILY }, (_, variant) => {
      const language = cycled(languages, at * TEXTS_A_FAMILY + variant * 5);
      return { family, language, maxRows: 100, text: make(randomOf(at * 100 + variant), language) };
    }),
  );
  return distinct(texts, ({ text }) => text);
}

/** Every loop of test/fixtures/guard/loops.ts after several beginnings, or inside what it opens. */
export function loopingTexts(): readonly LoopingText[] {
  const texts = LOOPS.flatMap(([family, kind, make], at) =>
    Array.from({ length: HEADS_A_LOOP }, (_, variant) => {
      const random = randomOf(at * 10 + variant);
      const copy = make(random);
      const [before, headOf] = cycled(Object.entries(HEADS), at + variant * 3);
      const { open = '', period, rows = 0 } = copy;
      const maxRows = cycled(MAX_ROWS, at + variant);
      const whole = { family, kind, maxRows, period, rows };
      return standsInside(copy)
        ? { ...whole, place: 'inside', head: open }
        : { ...whole, place: `after ${before}`, head: headOf(random) };
    }),
  );
  return distinct(texts, ({ family: _, place: __, ...text }) => JSON.stringify(text));
}

/** So many copies of a period, its numbers counting. */
export function copiesOf(period: string, copies: number): string {
  if (!period.includes('{n}')) return period.repeat(copies);
  return Array.from({ length: copies }, (_, at) => period.replaceAll('{n}', String(at + 1))).join('');
}

function standsInside({ open = '', period }: Copy): boolean {
  return open !== '' || period.startsWith('{"');
}

/** A text that depends on neither seed nor language comes once. */
function distinct<T>(texts: readonly T[], keyOf: (text: T) => string): readonly T[] {
  const seen = new Set<string>();
  return texts.filter((text) => {
    const isNew = !seen.has(keyOf(text));
    seen.add(keyOf(text));
    return isNew;
  });
}

function cycled<T>(list: readonly T[], at: number): T {
  const [one] = list.slice(at % list.length);
  if (one === undefined) throw new RangeError('Expected `list` to have elements, got none');
  return one;
}

function isLanguage(name: string): name is Language {
  return Object.hasOwn(LANGUAGES, name);
}
