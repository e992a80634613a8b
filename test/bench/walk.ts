import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { discover } from '../../src/inputs/discover.js';
import { commonRoot, nameRoots } from '../../src/inputs/input-folders.js';
import { resolveInputs } from '../../src/inputs/resolve.js';
import { bareWalk, secondsFor } from './bare-walk.js';
import { type BenchResult, median } from './bench.js';

/** Folders of every shape: how many, how deep in each other, and the files in each. */
const SHAPES = [
  { name: 'one', folders: 1, depth: 1, files: 60_000 },
  { name: 'large', folders: 60, depth: 1, files: 1_000 },
  { name: 'small', folders: 5_000, depth: 2, files: 10 },
  { name: 'deep', folders: 100, depth: 20, files: 300 },
  { name: 'empty', folders: 2_000, depth: 1, files: 0 },
] as const;
const FILES = SHAPES.reduce((sum, { files, folders }) => sum + folders * files, 0);
const ROUNDS = 5;

/** Discovering 200,000 files: the time of a bare opendir and stat walk ÷ ours. */
export async function walk(): Promise<readonly BenchResult[]> {
  const root = await mkdtemp(path.join(tmpdir(), 'visionbatch-walk-'));
  try {
    await fill(root);
    const rounds: { readonly bare: number; readonly ours: number }[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      rounds.push({
        bare: await secondsFor(() => bareWalk(root), FILES),
        ours: await secondsFor(() => discoverAll(root), FILES),
      });
    }
    const seconds = (of: 'bare' | 'ours'): string => median(rounds.map((round) => round[of])).toFixed(2);
    return [
      {
        name: 'walk',
        ratio: median(rounds.map((round) => round.bare / round.ours)),
        reach: 0.5,
        better: 'higher',
        detail: { files: FILES, 'ours s': seconds('ours'), 'bare s': seconds('bare') },
      },
    ];
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function fill(root: string): Promise<void> {
  for (const { depth, files, folders, name } of SHAPES) {
    for (let folder = 0; folder < folders; folder += 1) {
      const below = Array.from({ length: depth - 1 }, (_, level) => `level ${level}`);
      const at = path.join(root, name, `folder ${folder}`, ...below);
      await mkdir(at, { recursive: true });
      for (let n = 0; n < files; n += 1) await writeFile(path.join(at, `scan-${n}.jpg`), '');
    }
  }
}

async function discoverAll(root: string): Promise<number> {
  const inputs = await resolveInputs([root], {
    cwd: root,
    idColumns: [],
    imageColumns: [],
    severalImages: false,
    ...{ delimiter: null, quote: null, encoding: null, wordColumns: [] },
    base: null,
  });
  const roots = nameRoots(inputs, commonRoot(inputs, root));
  let items = 0;
  for await (const found of discover(inputs, { roots, include: [], exclude: [] }))
    items += Number(found.kind === 'item');
  return items;
}
