/** An object of JSON. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** What opens a string that stands for a number. */
const MARK = '\0number:';
const MARKED_NUMBERS = /"\\u0000number:([^"]*)"/g;

/**
 * Reads an object, its numbers as they are written: 1e400, 1.10 and 12345678901234567890 are no JavaScript number. Its
 * values are for {@link wordsOf}.
 *
 * @returns null where the text is JSON of another kind
 * @throws SyntaxError where it is no JSON
 */
export function exactObject(text: string): JsonObject | null {
  const value: unknown = JSON.parse(text);
  if (!isJsonObject(value)) return null;
  const marked = withMarks(text);
  const exact: unknown = marked === null ? value : JSON.parse(marked);
  return isJsonObject(exact) ? exact : null;
}

/** A value as text: null is nothing, lists and objects are JSON. */
export function wordsOf(value: unknown): string {
  if (value === null) return '';
  if (typeof value !== 'string') return JSON.stringify(value).replaceAll(MARKED_NUMBERS, '$1');
  return value.startsWith(MARK) ? value.slice(MARK.length) : value;
}

/** Whether a value of JSON is an object. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The same JSON with strings in the place of numbers; null where it has none. */
function withMarks(json: string): string | null {
  const tokens = /"|-?\d[\d.eE+-]*/g;
  let marked = '';
  let from = 0;
  for (let token = tokens.exec(json); token !== null; token = tokens.exec(json)) {
    const [text] = token;
    if (text === '"') tokens.lastIndex = endOfString(json, tokens.lastIndex);
    else {
      marked += `${json.slice(from, token.index)}${JSON.stringify(`${MARK}${text}`)}`;
      from = tokens.lastIndex;
    }
  }
  return from === 0 ? null : marked + json.slice(from);
}

/** Behind the quote that ends a string; one expression for all of it would fail on a long one. */
function endOfString(json: string, from: number): number {
  let end = json.indexOf('"', from);
  while (isEscaped(json, end)) end = json.indexOf('"', end + 1);
  return end + 1;
}

function isEscaped(json: string, at: number): boolean {
  let slashes = 0;
  while (json[at - 1 - slashes] === '\\') slashes += 1;
  return slashes % 2 === 1;
}
