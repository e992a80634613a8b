import type { TaskName } from '../../core/ask.js';
import { heldUrl } from '../../core/held-url.js';
import type { SourceBytes } from '../../core/item.js';
import { keyOfPath } from '../../core/keys.js';
import type { ListedItem, ListedSource } from '../../inputs/lists/listed.js';
import { usageError } from './errors.js';
import { type Image, originOf } from './image.js';

/** One item of a batch that a program lists itself: one row. */
export interface BatchItem {
  /** Names it in this run and in later ones; no other item has it. */
  readonly id: string;
  /** What it shows; several are shown in one request, in order. */
  readonly images: Image | readonly Image[];
  /** Columns that it carries into its row, and into the words of a prompt as `{{name}}`. */
  readonly row?: Readonly<Record<string, string>>;
}

/** The inputs of a batch by their kinds. */
export interface Inputs {
  /** Folders, files, patterns and manifests. */
  readonly paths: readonly string[];
  readonly items: readonly ListedItem[];
  /** Bytes that the program has, by the URL that stands for them. Throws VisionError where text is no base64. */
  readonly bytesOf: (url: string) => SourceBytes | null;
  readonly hasBytes: boolean;
}

/** What is looked at, and by which task. */
export interface InputsOptions {
  readonly task: TaskName;
  /** Absolute folder that paths are relative to. */
  readonly cwd: string;
}

/**
 * Sorts the inputs of a batch. Bytes stay where they are: the run knows them by a URL, `bytes:ID`, and asks for them when
 * their turn comes.
 *
 * @throws VisionBatchError 2 with the first thing that is wrong with them
 */
export function inputsOf(inputs: string | readonly (string | BatchItem)[], options: InputsOptions): Inputs {
  const all = typeof inputs === 'string' ? [inputs] : inputs;
  if (!Array.isArray(all) || all.length === 0) throw usageError('Expected `inputs` to name images, got none');
  const bytes = new Map<string, () => Uint8Array>();
  const ids = new Set<string>();
  const listed = all.flatMap((input: string | BatchItem, at: number) => {
    if (typeof input === 'string') return [];
    const item = listedItem(input, { ...options, at, bytes });
    if (ids.has(item.key)) throw usageError(`Expected every id once, got ${JSON.stringify(input.id)} twice`);
    ids.add(item.key);
    return [item];
  });
  const paths = all.filter((input) => typeof input === 'string');
  if (options.task === 'compare' && paths.length > 0 && listed.length > 0) {
    throw usageError('Expected `inputs` of compare to be paths or items, got both');
  }
  return { paths, items: listed, hasBytes: bytes.size > 0, bytesOf: (url) => sourceOf(bytes.get(url)) };
}

interface ItemOptions extends InputsOptions {
  readonly at: number;
  readonly bytes: Map<string, () => Uint8Array>;
}

function listedItem({ id, images, row }: BatchItem, { at, bytes, cwd, task }: ItemOptions): ListedItem {
  const where = `inputs[${at}]`;
  if (typeof id !== 'string' || id.trim() === '') throw usageError(`Expected \`${where}.id\` to be text, got none`);
  const shown = [images].flat();
  refuseCount(shown.length, { where, task });
  const sources = shown.map((image, n): ListedSource => {
    const origin = originOf(image, `${where}.images[${n}]`, cwd);
    if (origin.kind !== 'bytes') return origin.kind === 'path' ? { path: origin.path } : { url: origin.url };
    const url = heldUrl(n === 0 ? keyOfPath(id) : `${keyOfPath(id)}#${n + 1}`);
    bytes.set(url, origin.read);
    return { url, size: image instanceof Uint8Array ? image.length : null };
  });
  return { key: keyOfPath(id), sources, ...(row === undefined ? {} : { row }) };
}

function refuseCount(images: number, { where, task }: { readonly where: string; readonly task: TaskName }): void {
  if (images === 0) throw usageError(`Expected \`${where}.images\` to hold an image, got none`);
  if (task === 'compare' && images < 2) throw usageError(`Expected \`${where}.images\` to be two or more, got one`);
  if (task === 'ocr' && images > 1) throw usageError(`Expected \`${where}.images\` to be one page, got ${images}`);
}

/** Bytes have no time. */
function sourceOf(read: (() => Uint8Array) | undefined): SourceBytes | null {
  if (read === undefined) return null;
  const bytes = read();
  return { bytes, size: bytes.length, mtimeMs: 0 };
}
