import { createReadStream } from 'node:fs';
import path from 'node:path';
import { messageOf } from '../../core/errors.js';
import { EXIT, ExitError } from '../../core/exit.js';
import { type BytePath, bytePathOf, isWithin, textOf } from '../byte-path.js';
import { isManifestName } from '../tables/manifest.js';

/** A list of paths in a file, each of them taken as if it were named; as an input of a run. */
export interface PathList {
  readonly kind: 'list';
  /** As the user named it. */
  readonly given: string;
  /** Absolute folder that holds every path. */
  readonly path: string;
  /** Absolute path of the list itself. */
  readonly file: string;
  readonly separator: '\n' | '\0';
  /** Absolute folder that relative paths start at. */
  readonly cwd: string;
}

/** A list of paths, and where it lies. */
export type PathListFile = Omit<PathList, 'kind' | 'path'>;

/** The byte order mark of UTF-8, one character a byte. */
const UTF8_MARK = /^\xef\xbb\xbf/;
/** No path is longer: what is, is no list. In bytes. */
const MOST_PATH = 65_536;

/**
 * Opens a list: it is read once for the folder that holds all its paths.
 *
 * @throws ExitError 2 where it cannot be read, or is no list of paths
 */
export async function openPathList(list: PathListFile): Promise<PathList> {
  if (isManifestName(list.file)) {
    const problem = `Expected ${list.given} to be a list of paths, one a line, got a table by its name.`;
    throw new ExitError(EXIT.usage, problem, { fix: `Name it as an input of its own: ${list.given}` });
  }
  let shared: BytePath | null = null;
  for await (const file of pathsIn(list)) {
    const folder = path.posix.dirname(file);
    shared ??= folder;
    while (!isWithin(shared, folder)) shared = path.posix.dirname(shared);
  }
  return { ...list, kind: 'list', path: shared === null ? list.cwd : nearestText(shared) };
}

/**
 * The paths of a list, absolute, one after the other.
 *
 * @throws ExitError 2 where it cannot be read, or is no list of paths
 */
export async function* pathsIn({ cwd, file, given, separator }: PathListFile): AsyncGenerator<BytePath> {
  const base = bytePathOf(cwd);
  for await (const line of linesOf({ file, given, separator })) {
    const name = separator === '\n' ? line.replace(/\r$/, '') : line;
    if (name !== '') yield path.posix.resolve(base, name);
  }
}

/** One character a byte, as {@link BytePath} has it. */
async function* linesOf({ file, given, separator }: Omit<PathListFile, 'cwd'>): AsyncGenerator<string> {
  let rest = '';
  let isStart = true;
  try {
    for await (const chunk of createReadStream(file, { encoding: 'latin1' })) {
      if (isStart && /^(?:\xff\xfe|\xfe\xff)/.test(chunk)) throw wide(given);
      const lines = `${rest}${isStart ? chunk.replace(UTF8_MARK, '') : chunk}`.split(separator);
      isStart = false;
      rest = lines.pop() ?? '';
      if (rest.length > MOST_PATH) throw noList(given);
      yield* lines;
    }
  } catch (error) {
    if (error instanceof ExitError) throw error;
    throw new ExitError(EXIT.usage, `The list ${given} cannot be read (${messageOf(error)}).`, { cause: error });
  }
  yield rest;
}

/** A folder whose name is not UTF-8 cannot be a root: what lies in it fails by its own name. */
function nearestText(folder: BytePath): string {
  return textOf(folder) ?? nearestText(path.posix.dirname(folder));
}

function wide(given: string): ExitError {
  return new ExitError(EXIT.usage, `Expected ${given} to be UTF-8, got UTF-16.`, {
    fix: `iconv -f utf-16 -t utf-8 ${given}, or in PowerShell: Out-File -Encoding utf8`,
  });
}

function noList(given: string): ExitError {
  return new ExitError(
    EXIT.usage,
    `Expected ${given} to be a list of paths, got a line of more than ${MOST_PATH} bytes.`,
    {
      fix: 'Write one path a line, or with --null one before each NUL, as find -print0 does.',
    },
  );
}
