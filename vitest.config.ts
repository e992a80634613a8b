import { defineConfig } from 'vitest/config';

/** Suites by what they need: `unit` nothing, `contract` ports and recordings, `integration` and `e2e` real parts, `chaos` kills. */
const suite = (name: string, testTimeout: number) => ({
  test: {
    name,
    isolate: false, // no module keeps state: loading everything anew for each file took longer than its tests
    include: [`test/${name}/**/*.test.ts`],
    testTimeout,
    hookTimeout: testTimeout,
    execArgv: ['--import', './test/support/typescript.mjs'], // decoders run in threads, which inherit it
  },
});

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 3, // much of a test is waiting
    projects: [
      suite('unit', 20_000),
      suite('contract', 60_000),
      suite('integration', 120_000),
      suite('e2e', 180_000),
      suite('chaos', 240_000),
    ],
  },
});
