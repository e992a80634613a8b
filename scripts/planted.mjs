// Small trees that each break one rule of .dependency-cruiser.cjs: a rule that never fires is no rule.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Rule → files that break it. Imports of types count as much as others. */
const PLANTED = {
  'no-cycles': {
    'src/core/a.ts': "import type { B } from './b.js'; export type A = B;",
    'src/core/b.ts': "import type { A } from './a.js'; export type B = A;",
  },
  'words-import-words': {
    'src/core/a.ts': "import type { B } from '../results/b.js'; export type A = B;",
    'src/results/b.ts': 'export type B = 1;',
  },
  'stations-import-words': {
    'src/pixels/a.ts': "import { b } from '../results/b.js'; export const a = b;",
    'src/results/b.ts': 'export const b = 1;',
  },
  'flow-imports-stations-and-words': {
    'workers/a.ts': "export { b } from '../src/producer/b.js';",
    'src/producer/b.ts': 'export const b = 1;',
  },
  'shared-engine-parts-know-no-engine': {
    'src/engines/guard/a.ts': "import { b } from '../ollama/b.js'; export const a = b;",
    'src/engines/ollama/b.ts': 'export const b = 1;',
  },
  'engines-know-no-other-engine': {
    'src/engines/cpu-ocr/a.ts': "import { b } from '../ollama/b.js'; export const a = b;",
    'src/engines/ollama/b.ts': 'export const b = 1;',
  },
  'nothing-imports-tests': {
    'src/app/a.ts': "export const a = () => import('../../test/b.js');",
    'test/b.ts': 'export const b = 1;',
  },
  'redis-behind-the-ports': { 'jobs/memory-queue.ts': "import 'bullmq';" },
  'commander-in-the-cli': { 'src/app/a.ts': "import 'commander';" },
  'one-importer-per-package': { 'src/app/a.ts': "import 'sharp';", 'src/pixels/b.ts': "import 'sharp';" },
};

const PACKAGES = ['bullmq', 'commander', 'sharp'];

/** Cruises each planted tree; returns the rules that did not fire. */
export function rulesThatDoNotFire(rules, cruise) {
  const unplanted = rules.filter((rule) => !(rule in PLANTED));
  const silent = Object.entries(PLANTED).filter(([rule, files]) => !firesOn(rule, files, cruise));
  return [...unplanted, ...silent.map(([rule]) => rule)];
}

function firesOn(rule, files, cruise) {
  const folder = mkdtempSync(join(tmpdir(), 'visionbatch-planted-'));
  try {
    const stubs = PACKAGES.flatMap((name) => [
      [`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' })],
      [`node_modules/${name}/index.js`, ''],
    ]);
    const manifest = { dependencies: Object.fromEntries(PACKAGES.map((name) => [name, '1.0.0'])) };
    for (const [path, content] of [['package.json', JSON.stringify(manifest)], ...stubs, ...Object.entries(files)]) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    return cruise(folder, Object.keys(files)).violations.some((violation) => violation.rule.name === rule);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
