import { stat } from 'node:fs/promises';
import path from 'node:path';
import { EXIT, ExitError } from '../core/exit.js';
import { bytePathOf } from './byte-path.js';
import { type GlobPart, globParts, isGlob } from './globs.js';
import { isImageName } from './patterns.js';

/** An input as the user gave it and what it is on this machine. Paths are absolute. */
export type ResolvedInput =
  | { readonly kind: 'folder'; readonly given: string; readonly path: string }
  /** A file named explicitly is always an item, whatever it is; a missing one is a failed item. */
  | { readonly kind: 'file'; readonly given: string; readonly path: string }
  | { readonly kind: 'glob'; readonly given: string; readonly parts: readonly GlobPart[] };

/**
 * Tells what each input is. Something that exists under exactly this name is that file or folder, even where its name has
 * glob characters.
 *
 * @throws ExitError (exit 2) for a path that does not exist and has no image extension
 */
export async function resolveInputs(inputs: readonly string[], cwd: string): Promise<readonly ResolvedInput[]> {
  const resolved: ResolvedInput[] = [];
  for (const given of inputs) resolved.push(await resolveInput(given, cwd));
  return resolved;
}

async function resolveInput(given: string, cwd: string): Promise<ResolvedInput> {
  const absolute = path.resolve(cwd, given);
  const kind = given === '' ? 'missing' : await kindOf(absolute);
  if (kind !== 'missing') return { kind, given, path: absolute };
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

async function kindOf(absolute: string): Promise<'folder' | 'file' | 'missing'> {
  try {
    return (await stat(absolute)).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return 'missing';
    return 'file'; // it is there, but not for us: its row will say why
  }
}
