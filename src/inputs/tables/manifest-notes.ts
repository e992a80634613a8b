import type { CsvDialect } from '../../core/table-dialect.js';
import { type Manifest, tableExtensionOf } from './manifest.js';
import { listed } from './manifest-error.js';

/**
 * What a user should know of how a manifest is read, a sentence each: what was found out and is not what everybody
 * expects (UTF-8, commas or in a .tsv tabs, quotes of `"`), and columns that no row can carry.
 */
export function notesOn({ carried, columns, format, given, images, path: file }: Manifest): readonly string[] {
  if (format.kind === 'parquet') {
    const left = [...columns.keys()].filter((at) => !images.includes(at) && !carried.includes(at));
    const names = listed(left.flatMap((at) => columns[at] ?? []));
    return left.length === 0 ? [] : [`${given}: ${names} hold bytes, and are not carried into the rows.`];
  }
  const words: string[] = format.text.encoding === 'utf-8' ? [] : [ENCODING_WORDS[format.text.encoding]];
  if (format.kind === 'csv') {
    words.push(...dialectWords(format.dialect, tableExtensionOf(file) === 'tsv' ? '\t' : ','));
  }
  return words.length === 0 ? [] : [`${given}: read as ${format.kind.toUpperCase()} with ${words.join(', ')}.`];
}
function dialectWords({ delimiter, quote }: CsvDialect, usual: string): readonly string[] {
  const between = delimiter === '\t' ? 'tabs' : `\`${delimiter}\``;
  return [
    ...(delimiter === usual ? [] : [`${between} between the cells`]),
    ...(quote === '"' ? [] : [quote === '' ? 'no quotes' : `${quote} around them`]),
  ];
}

const ENCODING_WORDS = {
  'utf-16le': 'UTF-16 characters',
  'utf-16be': 'UTF-16 characters',
  'windows-1252': 'Windows-1252 characters',
} as const;
