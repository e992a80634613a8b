/** Characters that a pattern may make of one value, all repeats written out; more would make the grammar unwieldy. */
const MOST_CHARACTERS = 10_000;

/**
 * A pattern in the words that the server's converter reads as JavaScript does, or null where there are none. The
 * converter takes classes, groups and `{m,n}` between `^` and `$`, and ignores, without a word, what else it meets. `\d`
 * and `\w` are written out as classes; open repeats end at `maxLength`, so that an answer ends. What could match a quote,
 * a backslash or a control character breaks the JSON around it: `.`, negated classes, `\s`.
 *
 * @param maxLength - most characters of the text
 */
export function grammarPattern(pattern: string, maxLength: number): string | null {
  if (!pattern.startsWith('^') || !pattern.endsWith('$') || pattern.endsWith('\\$')) return null;
  const reader = new PatternReader(pattern.slice(1, -1), maxLength);
  const body = reader.choices(0);
  return body === null || !reader.atEnd || body.size > MOST_CHARACTERS ? null : `^${body.text}$`;
}

/** A part of a pattern, and the most characters it stands for. */
interface Part {
  readonly text: string;
  readonly size: number;
}

const DIGITS: readonly (readonly [string, string])[] = [['0', '9']];
const WORD_CHARACTERS: readonly (readonly [string, string])[] = [['A', 'Z'], ['a', 'z'], ...DIGITS, ['_', '_']];

class PatternReader {
  #at = 0;
  readonly #text: string;
  readonly #maxLength: number;

  constructor(text: string, maxLength: number) {
    this.#text = text;
    this.#maxLength = maxLength;
  }

  get atEnd(): boolean {
    return this.#at === this.#text.length;
  }

  /** Sequences with `|` between them. Outside of a group the converter would bind `^` and `$` to all of them. */
  choices(depth: number): Part | null {
    const parts: Part[] = [];
    do {
      const part = this.#sequence(depth);
      if (part === null) return null;
      parts.push(part);
    } while (this.#take('|'));
    if (parts.length > 1 && depth === 0) return null;
    return { text: parts.map(({ text }) => text).join('|'), size: Math.max(...parts.map(({ size }) => size)) };
  }

  #sequence(depth: number): Part | null {
    let text = '';
    let size = 0;
    while (!this.atEnd && !'|)'.includes(this.#peek())) {
      const atom = this.#atom(depth);
      const part = atom && this.#repeated(atom);
      if (part === null) return null;
      text += part.text;
      size += part.size;
    }
    return text === '' ? null : { text, size };
  }

  #atom(depth: number): Part | null {
    if (this.#take('(')) {
      if (this.#take('?') && !this.#take(':')) return null;
      const inner = this.choices(depth + 1);
      return inner !== null && this.#take(')') ? { text: `(${inner.text})`, size: inner.size } : null;
    }
    if (this.#take('[')) return this.#class();
    const char = this.#next();
    if (char === '\\') return classOf(this.#escaped());
    if ('.*+?{}[]^$"'.includes(char) || char < ' ') return null;
    return char < '\x7F' ? { text: char, size: 1 } : classOf([[char, char]]);
  }

  /** Behind a backslash: what it stands for, or null. */
  #escaped(): readonly (readonly [string, string])[] | null {
    const char = this.#next();
    if (char === 'd') return DIGITS;
    if (char === 'w') return WORD_CHARACTERS;
    return /[A-Za-z0-9]/.test(char) || char === '' ? null : [[char, char]];
  }

  #class(): Part | null {
    const ranges: (readonly [string, string])[] = [];
    while (!this.#take(']')) {
      if (this.atEnd || (ranges.length === 0 && this.#peek() === '^')) return null;
      const from = this.#classMember();
      if (from === null) return null;
      const [only] = from;
      const isRange = this.#peek() === '-' && this.#text[this.#at + 1] !== ']';
      if (!isRange) ranges.push(...from);
      else {
        this.#next();
        const to = this.#classMember();
        if (only === undefined || from.length > 1 || to?.length !== 1 || to[0] === undefined) return null;
        ranges.push([only[0], to[0][0]]);
      }
    }
    return classOf(ranges);
  }

  #classMember(): readonly (readonly [string, string])[] | null {
    const char = this.#next();
    if (char === '\\') return this.#escaped();
    return char === '' ? null : [[char, char]];
  }

  #repeated(atom: Part): Part | null {
    const rest = this.#text.slice(this.#at);
    const [sign] = /^(?:[?*+]|\{\d+(?:,\d*)?\})/.exec(rest) ?? [];
    if (sign === undefined) return atom;
    this.#at += sign.length;
    if (!this.atEnd && '?+*{'.includes(this.#peek())) return null; // lazy and possessive repeats are misread
    const { least, most } = this.#times(sign);
    if (most < Math.max(least, 1)) return null;
    const size = atom.size * most;
    if (size > MOST_CHARACTERS) return null;
    const times = sign === '?' ? '?' : least === most ? `{${most}}` : `{${least},${most}}`;
    return { text: atom.text + times, size };
  }

  #times(sign: string): { readonly least: number; readonly most: number } {
    if (sign === '?') return { least: 0, most: 1 };
    if (sign === '*') return { least: 0, most: this.#maxLength };
    if (sign === '+') return { least: 1, most: this.#maxLength };
    const [least = '', most = least] = sign.slice(1, -1).split(',');
    return { least: Number(least), most: most === '' ? this.#maxLength : Number(most) };
  }

  #peek(): string {
    return this.#text[this.#at] ?? '';
  }

  #next(): string {
    const char = this.#peek();
    this.#at += 1;
    return char;
  }

  #take(char: string): boolean {
    if (this.#peek() !== char) return false;
    this.#at += 1;
    return true;
  }
}

/** A class of ranges and single characters; null where one of them would break the JSON, or the class itself. */
function classOf(ranges: readonly (readonly [from: string, to: string])[] | null): Part | null {
  if (ranges === null || ranges.length === 0 || !ranges.every(isSafe)) return null;
  const singles = ranges.filter(([from, to]) => from === to).map(([from]) => from);
  const spans = ranges.filter(([from, to]) => from !== to).map(([from, to]) => `${from}-${to}`);
  const plain = singles.filter((char) => !'^-'.includes(char));
  // A class starts with `^` only to negate, and a dash at its end is itself.
  const inner = [...spans, ...plain, ...['^', '-'].filter((char) => singles.includes(char))].join('');
  return inner.startsWith('^') ? null : { text: `[${inner}]`, size: 1 };
}

function isSafe([from, to]: readonly [string, string]): boolean {
  if (from >= '\uD800' || to >= '\uD800') return false; // half of a character, or beyond one
  if (from !== to && (from === '-' || to === '-')) return false;
  return from >= ' ' && from <= to && !['"', '\\', '[', ']', '\x7F'].some((odd) => from <= odd && odd <= to);
}
