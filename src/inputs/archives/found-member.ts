import type { FoundItem, FoundSource, Part, SourceRef } from '../../core/item.js';
import { keyOfPath } from '../../core/keys.js';
import { type BytePath, bytesOf, textOf } from '../byte-path.js';
import { type Found, foundOther, nameNotUtf8 } from '../found.js';
import { isImageName } from '../patterns.js';
import { escapeProblem, isUnseen, leadsOut, type Member } from './archive-member.js';
import type { NameCounts } from './name-counts.js';

/** The archive that members are found in. */
export interface FoundArchive {
  /** Ordinal among the inputs. */
  readonly input: number;
  /** Decides about paths inside the archive. */
  readonly isWanted: (member: BytePath) => boolean;
  /** The archive's own. */
  readonly key: string;
  /** Whole milliseconds since 1970. */
  readonly mtimeMs: number;
  /** Where a member is read. */
  readonly refOf: (part: Part) => SourceRef;
  /** Names so far. */
  readonly met: NameCounts;
}

/** What discovery tells of a member; null where it is not meant. */
export function foundMember(member: Member, { input, isWanted, key, met, mtimeMs, refOf }: FoundArchive): Found | null {
  const { name, place, problem, row } = member;
  if (isUnseen(name) || !isWanted(name)) return null;
  if (!isImageName(name)) return foundOther(name);
  const count = met.add(name);
  const number = count === 1 ? '' : `~${count}`;
  const text = textOf(name);
  const sources: readonly FoundSource[] =
    text === null ? [] : [{ ref: refOf({ member: text, ...place }), size: place.size, mtimeMs }];
  const failure = text === null ? nameNotUtf8(name) : leadsOut(name) ? escapeProblem(name) : problem;
  const item: FoundItem = {
    key: `${key}/${keyInside(name)}${number}`,
    sources,
    page: 1,
    ...(row === undefined ? {} : { row }),
    ...(failure === undefined ? {} : { problem: failure }),
  };
  return { kind: 'item', input, name: bytesOf(`${name}${number}`), item };
}

/** In a key nothing leads out. */
function keyInside(name: BytePath): string {
  const key = keyOfPath(bytesOf(name));
  return key
    .split('/')
    .map((part) => (part === '..' ? '%2E%2E' : part))
    .join('/');
}
