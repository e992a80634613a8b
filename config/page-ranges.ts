import { parsed, refuse } from './kinds.js';
import type { Kind } from './setting.js';

/** Pages from one to another, both included, counted from 1. */
export interface PageRange {
  readonly first: number;
  /** Null: to the end. */
  readonly last: number | null;
}

/** Pages such as `1-3,7` or `7-`, in any order; a page that is named twice is taken once. */
export const PAGE_RANGES: Kind<readonly PageRange[]> = {
  placeholder: 'N-M,…',
  type: parsed((raw) => {
    const text = typeof raw === 'number' ? String(raw) : raw; // one page, unquoted in YAML
    if (typeof text !== 'string') return refuse(EXPECTED, raw);
    return text.split(',').map((one) => rangeOf(one.trim()) ?? refuse(EXPECTED, raw));
  }),
  show: (ranges) => ranges.map(shown).join(','),
};

const EXPECTED = 'pages such as 1-3,7 or 7- for the seventh to the last';

function rangeOf(text: string): PageRange | null {
  const [, from, dash, to] = /^([1-9]\d{0,8})(-)?([1-9]\d{0,8})?$/.exec(text) ?? [];
  if (from === undefined || (dash === undefined && to !== undefined)) return null;
  const first = Number(from);
  const last = dash === undefined ? first : to === undefined ? null : Number(to);
  return last !== null && last < first ? null : { first, last };
}

function shown({ first, last }: PageRange): string {
  if (last === null) return `${first}-`;
  return first === last ? String(first) : `${first}-${last}`;
}
