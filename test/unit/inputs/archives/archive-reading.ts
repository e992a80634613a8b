import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { FoundItem, SourceReader } from '../../../../src/core/item.js';
import { sourceReader } from '../../../../src/inputs/open.js';
import { itemsIn, type TemporaryFolder, temporaryFolder } from '../folders.js';

/** The most bytes that a source may have in these tests. */
export const MAX_BYTES = 100_000;

/** An archive in a folder of its own. */
export interface ArchiveScene extends AsyncDisposable {
  readonly folder: TemporaryFolder;
  readonly items: readonly FoundItem[];
  readonly read: SourceReader;
  /** What came of each item: its text, or the code of its failure. */
  outcomes(): Promise<Readonly<Record<string, string>>>;
}

/** Looks through an archive, as discovery does; a root that it lies in has the name of its folder. */
export async function archiveScene(
  name: string,
  bytes: Buffer,
  filter: { readonly include?: readonly string[]; readonly exclude?: readonly string[] } = {},
): Promise<ArchiveScene> {
  const folder = await temporaryFolder();
  folder.writeAs(name, bytes);
  const items = await itemsIn(folder.path, [name], filter);
  const root = { name: path.basename(folder.path), path: folder.path };
  const read = sourceReader([root], { maxBytes: MAX_BYTES, urls: null });
  return {
    folder,
    items,
    read,
    async outcomes() {
      const found = await Promise.all(items.map(async (item) => [item.key, await outcomeOf(item, read)] as const));
      return Object.fromEntries(found.toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

async function outcomeOf({ problem, sources }: FoundItem, read: SourceReader): Promise<string> {
  const [source] = sources;
  if (problem !== undefined || source === undefined) return problem?.code ?? 'nothing';
  return await read(source.ref).then(
    ({ bytes }) => Buffer.from(bytes).toString(),
    (error: { code?: string }) => error.code ?? String(error),
  );
}

/** Puts other bytes in an archive's place. */
export function rewrite({ folder }: ArchiveScene, name: string, bytes: Buffer): void {
  writeFileSync(path.join(folder.path, name), bytes);
}
