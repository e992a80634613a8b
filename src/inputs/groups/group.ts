import { Buffer } from 'node:buffer';
import { EXIT, ExitError } from '../../core/exit.js';
import { firstFew } from '../../core/first-few.js';
import type { FoundItem } from '../../core/item.js';
import { compareBytes } from '../byte-path.js';
import { type DiscoverOptions, discover } from '../discover.js';
import type { Found, FoundRow } from '../found.js';
import type { ResolvedInput } from '../resolve.js';
import { type Grouping, groupingOf, groupKeys } from './grouping.js';

export interface GroupOptions extends DiscoverOptions {
  /** Which images belong together; null leaves it to the inputs, see {@link groupingOf}. */
  readonly by: Grouping | null;
  /** Whether rows of a manifest with one id are one item; else each row is its own. */
  readonly rowsTogether: boolean;
  /** Most images that one question may show; null is any number. */
  readonly maxImages: number | null;
  /** Ends the search early, with nothing found. */
  readonly signal: AbortSignal;
}

/** An image with its place in the order of the inputs. */
interface Member {
  readonly input: number;
  readonly folder: number;
  readonly name: Uint8Array;
  readonly item: FoundItem;
  readonly row?: FoundRow;
}

interface Group {
  readonly key: string;
  readonly members: readonly [Member, ...Member[]];
  /** The row that it is alone. */
  readonly row?: FoundRow;
}

/** Groups that an error names. */
const MOST_NAMED = 5;
/** Bytes of a group's number, by which the groups are sorted. */
const NUMBER_BYTES = 6;

/**
 * Finds groups of images, each of them one item. Groups come in the order of their first images, and the images of a
 * group in input order. An image that cannot be read makes its group a failed item.
 *
 * Everything is found before the first group is told, because the last image may belong to the first group: about 0.6 KB
 * of memory an image, 60 MB for a hundred thousand.
 *
 * @throws ExitError 2 where a group has only one image, or more than may be shown, and where manifests and other inputs
 * cannot be grouped in one way
 */
export async function* discoverGroups(inputs: readonly ResolvedInput[], options: GroupOptions): AsyncGenerator<Found> {
  const by = groupingOf(inputs, options.by);
  const members: Member[] = [];
  let folder = 0;
  for await (const found of discover(inputs, options)) {
    if (options.signal.aborted) return;
    if (found.kind === 'other') yield found;
    else if (found.kind === 'folder') folder += 1;
    else members.push({ ...found, folder });
  }
  const keyOf = groupKeys(by, inputs, options.roots);
  const groups = by === 'manifest' && !options.rowsTogether ? members.map(alone) : groupsOf(members, keyOf);
  refuseSingles(groups, by);
  refuseLarge(groups, options.maxImages);
  let input = -1;
  for (const [number, group] of groups.entries()) {
    const [first] = group.members;
    if (first.input !== input) yield { kind: 'folder', input: first.input };
    input = first.input;
    yield foundGroup(group, { input, number });
  }
}

function foundGroup(group: Group, { input, number }: { readonly input: number; readonly number: number }): Found {
  const name = Buffer.alloc(NUMBER_BYTES);
  name.writeUIntBE(number, 0, NUMBER_BYTES);
  return { kind: 'item', input, name, item: itemOf(group), ...(group.row === undefined ? {} : { row: group.row }) };
}

/** A row whose id may be that of another one. */
function alone(member: Member): Group {
  const { item, row } = member;
  return { key: item.key, members: [member], ...(row === undefined ? {} : { row }) };
}

function groupsOf(members: readonly Member[], keyOf: (member: Member) => string): readonly Group[] {
  const groups = new Map<string, [Member, ...Member[]]>();
  for (const member of members.toSorted(compareMembers)) {
    const key = keyOf(member);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [member]);
    else group.push(member);
  }
  return [...groups].map(([key, group]) => ({ key: key === '' ? joinedKeys(group) : key, members: group }));
}

/** The name of a group that has none but its images'. */
function joinedKeys(members: readonly Member[]): string {
  return members.map(({ item }) => item.key).join(' + ');
}

function compareMembers(a: Member, b: Member): number {
  return (
    a.input - b.input || a.folder - b.folder || Buffer.compare(a.name, b.name) || compareBytes(a.item.key, b.item.key)
  );
}

function itemOf({ key, members }: Group): FoundItem {
  const [{ item: first }] = members;
  const problem = members.map((member) => problemOf(member, members)).find((found) => found !== undefined);
  return {
    key,
    sources: members.flatMap(({ item }) => item.sources),
    page: 1,
    ...(first.row === undefined ? {} : { row: first.row }),
    ...(problem === undefined ? {} : { problem }),
  };
}

/** A member's problem, saying which of several members it is. */
function problemOf({ item: { key, problem, sources } }: Member, members: readonly Member[]): FoundItem['problem'] {
  if (problem === undefined || members.length === 1) return problem;
  const [only] = sources;
  const name = sources.length === 1 && only !== undefined && 'path' in only.ref ? only.ref.path : key;
  return { code: problem.code, message: `${name}: ${problem.message}` };
}

function refuseSingles(groups: readonly Group[], by: Grouping): void {
  const single = groups.filter(({ members }) => imagesIn(members) < 2 && members.every(({ item }) => !item.problem));
  if (single.length === 0) return;
  const what =
    single.length === 1 ? 'a group has only one' : `${single.length} of ${groups.length} groups have only one`;
  throw new ExitError(EXIT.usage, `Expected two images or more to compare, but ${what}: ${named(single)}.`, {
    fix: FIXES[by],
  });
}

const OTHERS = 'or group them otherwise: --group-by';
const FIXES: Readonly<Record<Grouping, string>> = {
  inputs: 'Name the images that belong together.',
  folder: `The images of one folder belong together: leave out the others with --exclude, ${OTHERS} inputs or stem`,
  stem: `Images of one name belong together, as before/x.jpg and after/x.png of two inputs: leave out the others with --exclude, ${OTHERS} inputs or folder`,
  manifest:
    'Rows of one id belong together (--id-column COLUMN), and so do the image columns of a row (--image-column COLUMN, repeated).',
};

function refuseLarge(groups: readonly Group[], maxImages: number | null): void {
  if (maxImages === null) return;
  const large = groups.filter(({ members }) => imagesIn(members) > maxImages);
  if (large.length === 0) return;
  const what = large.length === 1 ? 'a group has more' : `${large.length} of ${groups.length} groups have more`;
  throw new ExitError(
    EXIT.usage,
    `Expected at most ${maxImages} images for one question to this model, but ${what}: ${named(large)}.`,
    { fix: 'Make smaller groups, or lay the images of a group side by side on one canvas: --stitch' },
  );
}

function imagesIn(members: readonly Member[]): number {
  return members.reduce((sum, { item }) => sum + item.sources.length, 0);
}

function named(groups: readonly Group[]): string {
  const names = groups.slice(0, MOST_NAMED).map(({ key }) => shortened(key));
  return firstFew(names, groups.length);
}

/** A key of many images has no end; the end tells most of a path. */
function shortened(key: string): string {
  const most = 80;
  return key.length <= most ? key : `…${key.slice(-most)}`;
}
