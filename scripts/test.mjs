// npm test [-- vitest's arguments]: installs what the tests need, builds, runs them.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from './build.mjs';
import { findFaketime } from './faketime.mjs';
import { install } from './install.mjs';
import { findRedis } from './redis.mjs';
import { say, show, tool } from './steps.mjs';

await install();
if (!(await findRedis())) process.exit(3);
await findFaketime();
if (!(await build())) process.exit(1);

const folder = mkdtempSync(join(tmpdir(), 'visionbatch-test-'));
const report = join(folder, 'report.json');
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
const status = show(process.execPath, [tool('vitest/vitest.mjs'), 'run', ...reporters, ...process.argv.slice(2)]);
const counts = countsOf(report);
rmSync(folder, { recursive: true });

if (counts === null) say('No test ran to its end.');
else say(`${counts.numPassedTests} passed, ${counts.numFailedTests} failed`);
process.exitCode = counts === null ? status || 1 : status;

/** Vitest's own numbers, or null where it wrote none. */
function countsOf(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}
