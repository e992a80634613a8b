import { readFileSync } from 'node:fs';

/** A text that repeats itself as true pages do. */
export interface LegitimateText {
  readonly name: string;
  readonly maxRows: number;
  readonly text: string;
}

/** A text that begins to repeat itself and does not end. */
export interface LoopingText {
  readonly name: string;
  readonly kind: string;
  readonly maxRows: number;
  /** What stands before the loop. */
  readonly head: string;
  /** What repeats; `{n}` counts up from 1 with each copy. */
  readonly period: string;
  /** Rows of a page that one copy would take; 0 within a row. */
  readonly rows: number;
}

/** The legitimate half of the corpus in test/fixtures/guard. */
export function legitimateTexts(): readonly LegitimateText[] {
  return read<{ name: string; maxRows: number; parts: (string | [line: string, times: number])[] }>(
    'legitimate.jsonl',
  ).map(({ name, maxRows, parts }) => ({
    name,
    maxRows,
    text: parts.map((part) => (typeof part === 'string' ? part : part[0].repeat(part[1]))).join(''),
  }));
}

/** The looping half of the corpus in test/fixtures/guard. */
export function loopingTexts(): readonly LoopingText[] {
  return read<LoopingText>('loops.jsonl');
}

/** So many copies of a period, its numbers counting. */
export function copiesOf(period: string, copies: number): string {
  if (!period.includes('{n}')) return period.repeat(copies);
  return Array.from({ length: copies }, (_, at) => period.replaceAll('{n}', String(at + 1))).join('');
}

function read<T>(file: string): T[] {
  const text = readFileSync(new URL(`../../../fixtures/guard/${file}`, import.meta.url), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): T => JSON.parse(line));
}
