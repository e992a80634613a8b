import { stat } from 'node:fs/promises';
import path from 'node:path';
import { EXIT, ExitError } from '../core/exit.js';
import { addressInput } from './address-input.js';
import type { Addresses } from './addresses.js';
import { type ArchiveInput, openArchive } from './archives/archive.js';
import { isArchiveName } from './archives/archive-members.js';
import type { UrlArchive } from './archives/url-archive.js';
import { bytePathOf } from './byte-path.js';
import { type GlobPart, globParts, isGlob } from './folders/globs.js';
import type { ListedInput } from './lists/listed.js';
import type { PathList } from './lists/path-list.js';
import { isImageName } from './patterns.js';
import type { S3Input } from './s3/s3-input.js';
import { STDIN } from './stdin.js';
import { isManifestName, type Manifest, type ManifestOptions, openManifest } from './tables/manifest.js';
import { createParquetChild, type ParquetChild } from './tables/parquet-child/child.js';
import type { SpooledTable } from './tables/spooled-table.js';

/** An input as the user gave it and what it is on this machine. Paths are absolute. */
export type ResolvedInput =
  | { readonly kind: 'folder'; readonly given: string; readonly path: string }
  /** A file named explicitly is an item, whatever it is but a manifest or an archive; a missing one is a failed item. */
  | { readonly kind: 'file'; readonly given: string; readonly path: string }
  /** A table named explicitly is not an item itself but names items. */
  | { readonly kind: 'manifest'; readonly given: string; readonly path: string; readonly manifest: Manifest }
  | { readonly kind: 'glob'; readonly given: string; readonly parts: readonly GlobPart[] }
  | ArchiveInput
  | ListedInput
  | PathList
  | S3Input
  | UrlArchive;

export interface ResolveOptions extends ManifestOptions {
  /** Absolute folder that relative paths start at, the manifests' base too. */
  readonly cwd: string;
  /**
   * Reads what lies on other machines.
   *
   * @defaultValue none: addresses are refused
   */
  readonly addresses?: Addresses;
  /**
   * Ends waits for other machines.
   *
   * @defaultValue none
   */
  readonly signal?: AbortSignal;
  /**
   * The table that came on stdin, for the input `-`.
   *
   * @defaultValue none: `-` is a name like others
   */
  readonly stdin?: SpooledTable;
  /**
   * Reads Parquet files.
   *
   * @defaultValue a process of its own
   */
  readonly parquet?: ParquetChild;
}

/**
 * Tells what each input is. Something that exists under exactly this name is that file or folder, even where its name has
 * glob characters.
 *
 * @throws ExitError 2 for a path that does not exist and has no image extension, for a manifest that cannot be used, and
 * where manifests are described and there is none
 */
export async function resolveInputs(
  inputs: readonly string[],
  options: ResolveOptions,
): Promise<readonly ResolvedInput[]> {
  const resolved: ResolvedInput[] = [];
  const parquet = options.parquet ?? createParquetChild();
  for (const given of inputs) resolved.push(await resolveInput(given, { ...options, parquet }));
  if (!resolved.some(({ kind }) => kind === 'manifest')) refuseDescription(options);
  refuseNamesakes(resolved);
  return resolved;
}

async function resolveInput(
  given: string,
  options: ResolveOptions & { readonly parquet: ParquetChild },
): Promise<ResolvedInput> {
  const { base, cwd, stdin } = options;
  const absolute = path.resolve(cwd, given);
  if (given === STDIN && stdin !== undefined) {
    const { kind: table, path: file } = stdin;
    const based = { ...options, base: path.resolve(cwd, base ?? '.') };
    return {
      kind: 'manifest',
      given,
      path: file,
      manifest: await openManifest({ given, path: file, kind: table }, based),
    };
  }
  const kind = given === '' ? 'missing' : await kindOf(absolute);
  if (kind === 'file' && isManifestName(bytePathOf(absolute))) {
    const file = { given, path: absolute };
    const based = { ...options, base: base === null ? null : path.resolve(cwd, base) };
    return { kind: 'manifest', ...file, manifest: await openManifest(file, based) };
  }
  if (kind === 'file' && isArchiveName(bytePathOf(absolute))) return await openArchive({ given, path: absolute });
  if (kind !== 'missing') return { kind, given, path: absolute };
  const address = await addressInput(given, options);
  if (address !== null) return address;
  if (given !== '' && isGlob(given)) return { kind: 'glob', given, parts: globParts(given, cwd) };
  if (isImageName(bytePathOf(path.basename(given)))) return { kind: 'file', given, path: absolute };
  throw new ExitError(
    EXIT.usage,
    `Expected an input to be a folder, a file or a glob, got \`${given}\`: no such path.`,
    {
      fix: `Check the spelling; relative paths start at ${cwd}.`,
    },
  );
}

function refuseDescription({ base, idColumns, imageColumns }: ManifestOptions): void {
  const flags = [
    ...(idColumns.length > 0 ? ['--id-column'] : []),
    ...(imageColumns.length > 0 ? ['--image-column'] : []),
    ...(base === null ? [] : ['--base']),
  ];
  if (flags.length === 0) return;
  throw new ExitError(EXIT.usage, `Expected an input to be a manifest, as ${flags.join(' and ')} say, got none.`, {
    fix: 'A manifest is a .csv, .tsv, .jsonl or .parquet file that is named itself.',
  });
}

/** Items of two archives whose addresses differ in what no key shows would replace each other. */
function refuseNamesakes(inputs: readonly ResolvedInput[]): void {
  const urls = new Map<string, string>();
  for (const input of inputs) {
    if (input.kind !== 'url-archive') continue;
    const { given, url } = input;
    if ((urls.get(given) ?? url) !== url) {
      const fix = 'Download one of them, or read them in runs of their own.';
      throw new ExitError(EXIT.usage, `Expected one archive at ${given}, got two by what stands behind ?.`, { fix });
    }
    urls.set(given, url);
  }
}

async function kindOf(absolute: string): Promise<'folder' | 'file' | 'missing'> {
  try {
    return (await stat(absolute)).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return 'missing';
    return 'file'; // it is there, but not for us: its row will say why
  }
}
