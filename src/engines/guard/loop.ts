/** A repetition that will not end by itself. */
export interface Loop {
  readonly kind: RepeatKind | 'whitespace';
  /** Characters of the answer up to the end of the first copy: what is worth keeping. Of white space nothing is. */
  readonly keptLength: number;
  /** For people, such as `the line "Total: 0" 101 times`. */
  readonly what: string;
}

/** Within a row one symbol or several, else one row or several. */
export type RepeatKind = 'token' | 'phrase' | 'line' | 'block';

/** Where a repetition lies in the answer, and how often it was seen. */
export interface Copies {
  readonly copies: number;
  /** Where the first copy ends, in characters of the answer. */
  readonly firstEndAt: number;
  /** Characters of one copy. */
  readonly periodCharacters: number;
}

const LONGEST_QUOTE = 40;

/** White space from one place of the answer to another. */
export function blankLoop(startAt: number, endAt: number): Loop {
  return { kind: 'whitespace', keptLength: startAt, what: `${endAt - startAt} characters of white space` };
}

/** So many copies of something. */
export function repeatLoop(repeat: {
  readonly kind: RepeatKind;
  readonly copy: string;
  readonly copies: number;
  readonly keptLength: number;
}): Loop {
  const line = repeat.copy.trim().replace(/\s+/g, ' ');
  const quote = line.length <= LONGEST_QUOTE ? line : `${line.slice(0, LONGEST_QUOTE - 1)}…`;
  return {
    kind: repeat.kind,
    keptLength: repeat.keptLength,
    what: `the ${repeat.kind} "${quote}" ${repeat.copies} times`,
  };
}

/** What kind of repetition a copy of so many symbols is, by its line breaks. */
export function kindOfCopy(copy: string, symbols: number): RepeatKind {
  if (copy.trim().includes('\n')) return 'block';
  if (copy.includes('\n')) return 'line';
  return symbols === 1 ? 'token' : 'phrase';
}
