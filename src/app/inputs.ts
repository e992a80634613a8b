import path from 'node:path';
import type { Settings } from '../../config/schema.js';
import { EXIT, ExitError } from '../core/exit.js';
import { heldUrl } from '../core/held-url.js';
import type { SourceBytes } from '../core/item.js';
import { type ListedItem, listedInput } from '../inputs/lists/listed.js';
import { openPathList } from '../inputs/lists/path-list.js';
import { readingOrder } from '../inputs/reading-order.js';
import { type ResolvedInput, type ResolveOptions, resolveInputs } from '../inputs/resolve.js';
import { spooled } from '../inputs/spool/spooled.js';
import { readStdin, STDIN } from '../inputs/stdin.js';
import type { Io } from './io.js';
import { MAX_SOURCE_BYTES } from './parts.js';
import type { Resources } from './resources.js';

/** What a batch is over, as it was asked for. */
export interface NamedInputs {
  /** Folders, files and patterns; `-` is stdin. */
  readonly inputs: readonly string[];
  /** Items that a program lists beside them. */
  readonly items?: readonly ListedItem[];
  /** Bytes that a program has, by the URL that stands for them. */
  readonly bytesOf?: (url: string) => SourceBytes | null;
}

/** What a batch is over. */
export interface OpenedInputs {
  readonly inputs: readonly ResolvedInput[];
  /** Bytes that this process alone has, by the URL that stands for them; null for a URL of another kind. */
  readonly bytesOf: (url: string) => SourceBytes | null;
}

export interface OpenInputsOptions {
  readonly settings: Settings;
  readonly io: Pick<Io, 'cwd' | 'stdin'>;
  readonly resolve: ResolveOptions;
}

/** What an image that comes on stdin is called. */
const STDIN_KEY = 'stdin';
const STDIN_URL = heldUrl(STDIN_KEY);
/** More than this is no list, but a command that does not end. */
const MAX_LIST_BYTES = 4 * 2 ** 30;

/**
 * Tells what each input is, reading stdin where it is one. What that takes on the disk is gone with the resources.
 *
 * @throws ExitError 2 for inputs that cannot be meant
 */
export async function openInputs(
  { bytesOf = () => null, inputs, items = [] }: NamedInputs,
  { io, resolve, settings }: OpenInputsOptions,
  resources: Resources,
): Promise<OpenedInputs> {
  refuseNothing(inputs, items, settings);
  const stdin = inputs.includes(STDIN) ? await readStdin(io.stdin(), MAX_SOURCE_BYTES) : null;
  const isImage = stdin !== null && 'bytes' in stdin;
  if (stdin !== null && 'table' in stdin) resources.defer(async () => await stdin.table[Symbol.asyncDispose]());
  const table = stdin !== null && 'table' in stdin ? { stdin: stdin.table } : {};
  const named = isImage ? inputs.filter((input) => input !== STDIN) : inputs;
  const resolved = await resolveInputs(named, { ...resolve, ...table });
  if (settings.redis !== null) refuseHeldOnStdin(isImage, resolved);
  return {
    inputs: readingOrder([
      ...resolved,
      ...(isImage ? [{ ...listedInput([stdinItem(stdin.bytes)], io.cwd), given: STDIN }] : []),
      ...(items.length === 0 ? [] : [listedInput(items, io.cwd)]),
      ...(await listOf(settings, io, resources)),
    ]),
    bytesOf: (url) => (isImage && url === STDIN_URL ? sourceOf(stdin.bytes) : bytesOf(url)),
  };
}

function refuseNothing(
  inputs: readonly string[],
  items: readonly ListedItem[],
  { filesFrom }: Pick<Settings, 'filesFrom'>,
): void {
  if (inputs.length + items.length === 0 && filesFrom === null) {
    const fix = 'Name folders, files or patterns, a list of files with --files-from, or - for an image on stdin.';
    throw new ExitError(EXIT.usage, 'Expected at least one input, got none.', { fix });
  }
  const onStdin = [...inputs, filesFrom].filter((input) => input === STDIN).length;
  if (onStdin > 1) throw new ExitError(EXIT.usage, `Expected - once, got it ${onStdin} times: there is one stdin.`);
}

/** What comes on stdin lies on this machine only. */
function refuseHeldOnStdin(isImage: boolean, inputs: readonly ResolvedInput[]): void {
  const holds = inputs.some(
    (input) => input.kind === 'manifest' && input.given === STDIN && input.manifest.holdsImages,
  );
  if (!isImage && !holds) return;
  const fix = 'Write it into a file that all machines see, or run without --redis.';
  const what = isImage ? 'an image' : 'a table that holds images';
  throw new ExitError(EXIT.usage, `Expected paths beside --redis, got ${what} on stdin.`, { fix });
}

function stdinItem(bytes: Uint8Array): ListedItem {
  return { key: STDIN_KEY, sources: [{ url: STDIN_URL, size: bytes.length }] };
}

/** Bytes have no time. */
function sourceOf(bytes: Uint8Array): SourceBytes {
  return { bytes, size: bytes.length, mtimeMs: 0 };
}

/** The list of files, where there is one. It is read more than once, so that stdin goes into a file. */
async function listOf(
  { filesFrom, nullSeparated }: Pick<Settings, 'filesFrom' | 'nullSeparated'>,
  { cwd, stdin }: Pick<Io, 'cwd' | 'stdin'>,
  resources: Resources,
): Promise<readonly ResolvedInput[]> {
  if (filesFrom === null) return [];
  const isStdin = filesFrom === STDIN;
  const file = isStdin ? await spooledList(stdin(), resources) : path.resolve(cwd, filesFrom);
  const given = `--files-from ${filesFrom}`;
  return [await openPathList({ given, file, separator: nullSeparated ? '\0' : '\n', cwd })];
}

async function spooledList(stream: AsyncIterable<Uint8Array>, resources: Resources): Promise<string> {
  const list = await spooled(stream, { name: 'list', noun: 'list', maxBytes: MAX_LIST_BYTES });
  resources.defer(async () => await list[Symbol.asyncDispose]());
  return list.path;
}
