// Exports the store of its first argument to the file of its second; with `stall` it stops for good before the rename.
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../../../src/core/errors.js';
import { ExitError } from '../../../src/core/exit.js';
import { DEFAULT_DIALECT } from '../../../src/core/table-dialect.js';
import { exportRun } from '../../../src/results/export.js';
import { readStore } from '../../../src/results/store-reader.js';

const [, , dir = '', path = '', stall] = process.argv;
const reader = readStore(dir);
const stalled = {
  ...reader,
  noteOutput: async () => {
    process.stdout.write('before the rename\n');
    await delay(2 ** 30);
  },
};
try {
  const output = { path, format: 'jsonl', csv: { columns: [], explode: null, dialect: DEFAULT_DIALECT } } as const;
  await exportRun({ reader: stall === 'stall' ? stalled : reader, output, overwrite: false });
  process.stdout.write('done\n');
} catch (error) {
  process.stdout.write(`${error instanceof ExitError ? error.exitCode : 'bug'} ${messageOf(error)}\n`);
}
process.exit();
