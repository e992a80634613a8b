// npm run demo: installs, builds and reads examples/documents with the built-in OCR. Needs no Redis, no GPU, no Ollama.
import { readFileSync } from 'node:fs';
import { build } from './build.mjs';
import { install } from './install.mjs';
import { say, show } from './steps.mjs';

const CLI = 'dist/src/cli/main.js';
const ROWS = 'demo-output/documents.jsonl';
const SOME_NOT_OK = 1;
const BROKEN_ON_PURPOSE = 'cut-off.jpg';

await install();
if (!(await build())) process.exit(1);

const args = ['ocr', 'examples/documents', '-o', 'demo-output/documents.csv', '-o', ROWS, '--host', 'cpu'];
say(`\n$ visionbatch ${args.join(' ')}\n`);
const status = show(process.execPath, [CLI, ...args]);
if (status !== SOME_NOT_OK) {
  say(`Expected exit code ${SOME_NOT_OK} (one example is broken on purpose), got ${status}.`);
  process.exit(status || 1);
}

const rows = readFileSync(ROWS, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line));
const wrong = rows.filter((row) => row.error !== null).map((row) => row.id);
say('\nThe rows, as far as they fit here:\n');
for (const row of rows) {
  const said = row.error === null ? (row.text ?? '').replace(/\s+/g, ' ') : `${row.error.code}: ${row.error.message}`;
  say(`  ${row.id.padEnd(21)} ${row.status.padEnd(7)} ${said.slice(0, 80)}`);
}
if (wrong.join() !== BROKEN_ON_PURPOSE) {
  say(`\nExpected only ${BROKEN_ON_PURPOSE} to fail, got: ${wrong.join(', ')}`);
  process.exit(1);
}
say(`
${BROKEN_ON_PURPOSE} is cut off on purpose: it has its row, with the reason. All rows: demo-output/documents.csv

The same with a vision model on a GPU host:

  npx visionbatch ocr examples/documents -o out.csv --model qwen2.5vl:7b --host http://127.0.0.1:11434
`);
