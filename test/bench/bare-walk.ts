import { opendir, stat } from 'node:fs/promises';
import path from 'node:path';
import { performance } from 'node:perf_hooks';

/** Files in a folder and the folders in it, each looked at with as little as can be. */
export async function* bareFiles(folder: string): AsyncGenerator<string> {
  for await (const entry of await opendir(folder)) {
    const at = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* bareFiles(at);
    else if ((await stat(at)).isFile()) yield at;
  }
}

/** How many they are, without a word about each. */
export async function bareWalk(folder: string): Promise<number> {
  let files = 0;
  for await (const entry of await opendir(folder)) {
    const at = path.join(folder, entry.name);
    if (entry.isDirectory()) files += await bareWalk(at);
    else files += Number((await stat(at)).isFile());
  }
  return files;
}

/** How long it takes to find that many files. */
export async function secondsFor(count: () => Promise<number>, expected: number): Promise<number> {
  const start = performance.now();
  const files = await count();
  if (files !== expected) throw new Error(`Expected ${expected} files to be found, got ${files}`);
  return (performance.now() - start) / 1000;
}
