import { EXIT, ExitError } from '../../core/exit.js';
import { firstFew } from '../../core/first-few.js';

/** A manifest on this machine. */
export interface ManifestFile {
  /** As the user named it, for messages. */
  readonly given: string;
  /** Absolute. */
  readonly path: string;
}

/** One row as it stands in the file. */
export interface ManifestRow {
  /** In the order of the manifest's columns. */
  readonly cells: readonly string[];
  /** Line on which the row begins, from 1; of a Parquet file the row's number. */
  readonly line: number;
  /** Where it stands: in the text in bytes, or which row it is, from 0. */
  readonly place: { readonly offset: number; readonly length: number } | { readonly row: number };
  /** Places of the columns whose cells hold bytes, not text. */
  readonly held?: ReadonlySet<number>;
}

/** What is wrong with a manifest, and where. */
export interface ManifestProblem {
  /** One sentence. */
  readonly problem: string;
  /** Line of the file, from 1, where it is one line's fault. */
  readonly line?: number;
  readonly fix?: string;
  readonly cause?: unknown;
}

/** A manifest that cannot be worked off: exit 2, opening with file and line as compilers write them. */
export class ManifestError extends ExitError {
  constructor(file: ManifestFile, { problem, line, fix, cause }: ManifestProblem) {
    super(EXIT.usage, `${file.given}${line === undefined ? '' : `:${line}`}: ${problem}`, { fix, cause });
  }
}

/** Names of columns for a message: the first twenty. */
export function listed(columns: readonly string[]): string {
  const most = 20;
  const names = columns.slice(0, most).map((name) => `\`${name}\``);
  return firstFew(names, columns.length);
}
