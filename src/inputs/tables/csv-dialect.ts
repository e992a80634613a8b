import type { CsvDialect } from '../../core/table-dialect.js';
import { ManifestError } from './manifest-error.js';
import { wholeLines } from './manifest-lines.js';
import type { TextFile } from './text-file.js';

/** What the user said of it; null is found out. */
export type DialectChoice = { readonly [Key in keyof CsvDialect]: CsvDialect[Key] | null };

const DELIMITERS = [',', ';', '\t', '|'] as const;
/** Characters of the first lines that are looked at. */
const LOOKED_AT = 65_536;
const MOST_LINES = 50;

/**
 * How a CSV file is written: the delimiter is the commonest of comma, semicolon, tab and bar in its header outside of
 * quotes; the quote is `'` where cells stand in those that need some and none in `"`. Between tabs a `"` that stands
 * around no cell is a character like any other.
 *
 * @throws ExitError 2 where the first line is none of the table, or lines have ends that are not read
 */
export async function dialectOf(file: TextFile, choice: DialectChoice): Promise<CsvDialect> {
  for await (const { bytes } of wholeLines(file)) {
    const text = bytes.toString('utf8', 0, LOOKED_AT);
    if (text.trim() === '') continue;
    refuseOddLines(text, file);
    const quote = choice.quote ?? quoteIn(text);
    const delimiter = choice.delimiter ?? delimiterIn(text, quote);
    const isBare = choice.quote === null && delimiter === '\t' && quote === '"' && !QUOTED.test(text);
    return { delimiter, quote: isBare && text.includes('"') ? '' : quote };
  }
  return { quote: choice.quote ?? '"', delimiter: choice.delimiter ?? ',' };
}

function delimiterIn(text: string, quote: string): string {
  const bare = quote === '' ? text : text.replace(quote === '"' ? /"[^"]*"?/g : /'[^']*'?/g, '');
  const header = bare.split('\n').find((line) => line.trim() !== '') ?? '';
  const counts = DELIMITERS.map((delimiter) => header.split(delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ',';
}

/** A cell in quotes. */
const QUOTED = /(?:^|[,;\t|])"(?:[^"]|"")*"(?=[,;\t|\r\n]|$)/m;
const QUOTED_SINGLY = /(?:^|[,;\t|])'((?:[^'\n]|'')*)'(?=[,;\t|\r\n]|$)/gm;

/** Apostrophes stand around words too: they are quotes where a name or a cell with a delimiter or a quote stands in them. */
function quoteIn(text: string): string {
  const lines = text.split('\n').slice(0, MOST_LINES);
  const [header = ''] = lines.filter((line) => line.trim() !== '');
  if (QUOTED.test(lines.join('\n'))) return '"';
  const cells = [...lines.join('\n').matchAll(QUOTED_SINGLY)].map(([, cell = '']) => cell);
  return cells.some((cell) => /[,;\t|]|''/.test(cell)) || header.search(QUOTED_SINGLY) >= 0 ? "'" : '"';
}

function refuseOddLines(text: string, file: TextFile): void {
  const [told] = /^sep=.(?=\r?\n)/i.exec(text) ?? [];
  if (told !== undefined) {
    const fix = `Take that line away (tail -n +2 ${file.given}), and say it so: --delimiter '${told.slice(-1)}'`;
    throw new ManifestError(file, { line: 1, problem: `Expected a header, got Excel's \`${told}\`.`, fix });
  }
  if (text.includes('\n') || !/\r[^\n]/.test(text)) return;
  const fix = `tr '\\r' '\\n' < ${file.given}`;
  throw new ManifestError(file, { problem: 'Its lines end with \\r alone, as on old Macs.', fix });
}
