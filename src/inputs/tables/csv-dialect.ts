import { wholeLines } from './manifest-lines.js';
import type { TextFile } from './text-file.js';

/** What stands between the cells of a CSV file, and around one that holds that. */
export interface CsvDialect {
  readonly delimiter: string;
  readonly quote: string;
}

/** What the user said of it; null is found out. */
export type DialectChoice = { readonly [Key in keyof CsvDialect]: CsvDialect[Key] | null };

const DELIMITERS = [',', ';', '\t', '|'] as const;
/** Characters of the first lines that are looked at. */
const LOOKED_AT = 65_536;
const MOST_LINES = 50;

/**
 * How a CSV file is written: the delimiter is the commonest of comma, semicolon, tab and bar in its header outside of
 * quotes; the quote is `'` where cells stand in those and none in `"`.
 */
export async function dialectOf(file: TextFile, choice: DialectChoice): Promise<CsvDialect> {
  for await (const { bytes } of wholeLines(file)) {
    const text = bytes.toString('utf8', 0, LOOKED_AT);
    if (text.trim() === '') continue;
    const quote = choice.quote ?? quoteIn(text);
    return { quote, delimiter: choice.delimiter ?? delimiterIn(text, quote) };
  }
  return { quote: choice.quote ?? '"', delimiter: choice.delimiter ?? ',' };
}

function delimiterIn(text: string, quote: string): string {
  const bare = text.replace(quote === '"' ? /"[^"]*"?/g : /'[^']*'?/g, '');
  const header = bare.split('\n').find((line) => line.trim() !== '') ?? '';
  const counts = DELIMITERS.map((delimiter) => header.split(delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ',';
}

/** Cells begin and end with a quote; an apostrophe stands in the middle of a word or at one end only. */
function quoteIn(text: string): string {
  const lines = text.split('\n').slice(0, MOST_LINES).join('\n');
  const isAround = (quote: RegExp): boolean => quote.test(lines);
  if (isAround(/(?:^|[,;\t|])"(?:[^"]|"")*"(?=[,;\t|\r\n]|$)/m)) return '"';
  return isAround(/(?:^|[,;\t|])'(?:[^'\n]|'')*'(?=[,;\t|\r\n]|$)/m) ? "'" : '"';
}
