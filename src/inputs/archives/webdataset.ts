import { Buffer, isUtf8 } from 'node:buffer';
import { type BytePath, shown } from '../byte-path.js';
import { exactObject, type JsonObject, wordsOf } from '../exact-json.js';
import { isImageName } from '../patterns.js';
import { linkProblem, type Member, plainName } from './archive-member.js';
import type { ForwardBytes } from './forward-bytes.js';
import { type TarMember, tarMembers } from './tar-members.js';

/** What the members of one stem carry together at most, names and values: it travels with every job. */
const MAX_ROW_BYTES = 65_536;
/** Columns of one stem; a JSON member with more names is carried as it is. */
const MOST_COLUMNS = 200;
/** A longer row of members under one stem is no sample of a data set. */
const MOST_OF_A_STEM = 1_000;

/** Members that follow each other and have one path up to the first dot of their name, as a WebDataset shard has them. */
interface Sample {
  readonly stem: BytePath;
  readonly members: Member[];
  readonly texts: Member[];
  readonly row: Map<string, string>;
  left: number;
}

/**
 * The files in a tar file, in its order. As in a WebDataset shard, an image carries the .txt and .json members beside it
 * that have its stem (its path up to the first dot of the name) as columns: `0001.txt` as `txt`, `0001.caption.txt` as
 * `caption.txt`, and of `0001.json` each value as `json.name`, numbers as they are written. A list or an object in it stays
 * JSON; JSON that is no object is one column `json`. A member that goes beyond 64 KB or 200 columns is not carried.
 *
 * @throws VisionError as `tarMembers` does
 */
export async function* shardMembers(bytes: ForwardBytes): AsyncGenerator<readonly Member[]> {
  let sample = newSample('');
  try {
    for await (const member of tarMembers(bytes)) {
      const name = plainName(member.name);
      const { extension, stem } = split(name);
      if (sample.stem !== stem || sample.members.length + sample.texts.length >= MOST_OF_A_STEM) {
        yield membersOf(sample);
        sample = newSample(stem);
      }
      if (!isText(extension) || member.kind !== 'file') sample.members.push(memberOf(name, member));
      else await carry(member, { name, extension, sample, bytes });
    }
  } catch (error) {
    yield membersOf(sample);
    throw error;
  }
  yield membersOf(sample);
}

interface TextMember {
  readonly name: BytePath;
  readonly extension: string;
  readonly sample: Sample;
  readonly bytes: ForwardBytes;
}

async function carry({ size, offset }: TarMember, { bytes, extension, name, sample }: TextMember): Promise<void> {
  sample.texts.push({ name, place: { offset, length: size, packing: 'stored', size } });
  if (size + extension.length > sample.left) return;
  const columns = columnsOf(extension, textIn(await bytes.read(size)).trim());
  const needed = columns.reduce(
    (sum, [column, value]) => sum + Buffer.byteLength(column) + Buffer.byteLength(value),
    0,
  );
  if (needed > sample.left || sample.row.size + columns.length > MOST_COLUMNS) return;
  sample.left -= needed;
  for (const [column, value] of columns) sample.row.set(column, value);
}

/** UTF-16 where a mark says so, UTF-8 where it is that, else Windows-1252. Without its mark. */
function textIn(bytes: Buffer): string {
  const mark = bytes.toString('latin1', 0, 2);
  const wide = mark === '\xff\xfe' ? 'utf-16le' : mark === '\xfe\xff' ? 'utf-16be' : null;
  return new TextDecoder(wide ?? (isUtf8(bytes) ? 'utf-8' : 'windows-1252')).decode(bytes);
}

/** An image's row; texts beside no image are files like others. */
function membersOf({ members, row, texts }: Sample): readonly Member[] {
  if (!members.some(({ name }) => isImageName(name))) return [...members, ...texts];
  if (row.size === 0) return members;
  const carried = Object.fromEntries(row);
  return members.map((member) => (isImageName(member.name) ? { ...member, row: carried } : member));
}

function memberOf(name: BytePath, { kind, linkName, offset, size }: TarMember): Member {
  const member: Member = { name, place: { offset, length: size, packing: 'stored', size } };
  switch (kind) {
    case 'file':
      return member;
    case 'link':
      return { ...member, problem: linkProblem(linkName) };
    case 'sparse': {
      const message = 'The member is a sparse file. Pack it again without --sparse.';
      return { ...member, problem: { code: 'IMAGE_UNSUPPORTED', message } };
    }
    case 'other':
      return { ...member, problem: { code: 'IMAGE_UNREADABLE', message: 'The member is no regular file.' } };
  }
}

function columnsOf(extension: string, text: string): readonly (readonly [string, string])[] {
  const value = extension.endsWith('json') ? objectOrNull(text) : null;
  const cells = value === null ? [] : Object.entries(value);
  if (value === null || cells.length > MOST_COLUMNS) return [[extension, text]];
  return cells.map(([name, cell]) => [`${extension}.${name}`, wordsOf(cell)]);
}

function objectOrNull(text: string): JsonObject | null {
  try {
    return exactObject(text);
  } catch {
    return null;
  }
}

function isText(extension: string): boolean {
  return /(?:^|\.)(?:txt|json)$/.test(extension);
}

/** The stem ends at the first dot of the name that does not open it. */
function split(name: BytePath): { readonly stem: BytePath; readonly extension: string } {
  const dot = name.indexOf('.', name.lastIndexOf('/') + 2);
  return dot < 0
    ? { stem: name, extension: '' }
    : { stem: name.slice(0, dot), extension: shown(name.slice(dot + 1)).toLowerCase() };
}

function newSample(stem: BytePath): Sample {
  return { stem, members: [], texts: [], row: new Map(), left: MAX_ROW_BYTES };
}
