import { defineConfig } from 'vitest/config';

/** Suites by what they need: `unit` nothing, `contract` ports and recordings, `integration` and `e2e` real parts, `chaos` kills. */
const suite = (name: string, testTimeout: number, { isolate = true } = {}) => ({
  test: {
    name,
    isolate,
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
      // No module keeps state, so files share a process: loading everything anew for each took longer than its tests.
      suite('unit', 20_000, { isolate: false }),
      suite('contract', 60_000, { isolate: false }),
      suite('integration', 120_000),
      suite('e2e', 180_000),
      suite('chaos', 240_000),
    ],
  },
});
