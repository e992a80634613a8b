/** What stands between the cells of a CSV file, and around one that holds that. */
export interface CsvDialect {
  readonly delimiter: string;
  /** `''` where there is none. */
  readonly quote: string;
}

/** How the characters of a text file are written as bytes. */
export type TextEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

/** How a CSV file is written. */
export interface TableDialect extends CsvDialect {
  readonly encoding: TextEncoding;
  /** Whether it begins with a byte order mark. */
  readonly mark: boolean;
}

/** RFC 4180 in UTF-8. */
export const DEFAULT_DIALECT: TableDialect = { delimiter: ',', quote: '"', encoding: 'utf-8', mark: false };
