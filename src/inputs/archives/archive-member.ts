import { type Failure, VisionError } from '../../core/errors.js';
import type { Part } from '../../core/item.js';
import { type BytePath, shown } from '../byte-path.js';

/** A file in an archive, as the archive lists it. */
export interface Member {
  /** Its path inside the archive, made plain by {@link plainName}. */
  readonly name: BytePath;
  /** Where its bytes lie. */
  readonly place: Omit<Part, 'member'>;
  /** Why it can never be read. */
  readonly problem?: Failure;
  /** Columns from members of the same stem. */
  readonly row?: Readonly<Record<string, string>>;
}

/** A member whose bytes cannot be read lies nowhere. */
export const NOWHERE: Member['place'] = { offset: 0, length: 0, packing: 'stored', size: 0 };

/**
 * A member's path without what means nothing inside an archive: leading and doubled `/`, and `.`. What leads out (`..`)
 * stays, for {@link leadsOut} to find.
 */
export function plainName(path: BytePath): BytePath {
  return partsOf(path).join('/');
}

/** Whether a plain path has a `..` in it. Nothing is ever written by such a name, but it is the mark of an attack. */
export function leadsOut(name: BytePath): boolean {
  return partsOf(name).includes('..');
}

/** Whether a plain path is one that people do not see: hidden, or what macOS packs beside the files. */
export function isUnseen(name: BytePath): boolean {
  return partsOf(name).some((part) => part === '__MACOSX' || (part.startsWith('.') && part !== '..'));
}

function partsOf(path: BytePath): readonly string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}

/** IMAGE_UNSUPPORTED for a name with `..` in it: no right that somebody gives changes that. */
export function escapeProblem(name: BytePath): Failure {
  return {
    code: 'IMAGE_UNSUPPORTED',
    message: `The member's name leads out of the archive: ${JSON.stringify(shown(name))}. Pack it again under a name that stays inside.`,
  };
}

/** IMAGE_UNSUPPORTED for a link. */
export function linkProblem(target: BytePath | null): Failure {
  const where = target === null ? '' : ` to ${JSON.stringify(shown(target))}`;
  return {
    code: 'IMAGE_UNSUPPORTED',
    message: `The member is a link${where}, and links in archives are not followed. Pack the file itself.`,
  };
}

/** IMAGE_UNREADABLE for an archive that is not in order, IMAGE_TRUNCATED for one that ends too early. */
export function damaged(what: string, code: 'IMAGE_UNREADABLE' | 'IMAGE_TRUNCATED' = 'IMAGE_UNREADABLE'): VisionError {
  return new VisionError(code, `The archive is damaged: ${what}.`, { fix: 'Copy or pack it again.' });
}
