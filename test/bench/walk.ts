import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { discover } from '../../src/inputs/discover.js';
import { resolveInputs } from '../../src/inputs/resolve.js';
import { commonRoot, nameRoots } from '../../src/inputs/roots.js';
import { bareWalk, secondsFor } from './bare-walk.js';
import { type BenchResult, median } from './bench.js';

const FOLDERS = 100;
const FILES_A_FOLDER = 1000;
const FILES = FOLDERS * FILES_A_FOLDER;
const ROUNDS = 5;

/** Discovering 100,000 files: our time ÷ a bare opendir and stat walk. */
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
        ratio: median(rounds.map((round) => round.ours / round.bare)),
        reach: 1.3,
        better: 'lower',
        detail: { files: FILES, 'ours s': seconds('ours'), 'bare s': seconds('bare') },
      },
    ];
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function fill(root: string): Promise<void> {
  for (let folder = 0; folder < FOLDERS; folder += 1) {
    const at = path.join(root, `folder ${folder}`);
    await mkdir(at);
    await Promise.all(Array.from({ length: FILES_A_FOLDER }, (_, n) => writeFile(path.join(at, `scan-${n}.jpg`), '')));
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
  const roots = nameRoots(inputs, commonRoot(inputs));
  let items = 0;
  for await (const found of discover(inputs, { roots, include: [], exclude: [] }))
    items += Number(found.kind === 'item');
  return items;
}
