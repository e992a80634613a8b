// Reads a folder of pages, each as soon as it is done. Ctrl-C stops in order, and the same call goes on from there.
// node examples/library/ocr-folder.mjs scans pages.jsonl
import { runBatch, VisionBatchError } from 'visionbatch';

const [inputs = 'scans', output = 'pages.jsonl'] = process.argv.slice(2);
const stop = new AbortController();
process.once('SIGINT', () => stop.abort());

const batch = runBatch({
  task: 'ocr',
  inputs,
  output,
  host: process.env.OLLAMA_HOST ?? 'http://127.0.0.1:11434',
  signal: stop.signal,
});

try {
  for await (const { id, status, text } of batch) console.log(`${id}: ${status}, ${text?.length ?? 0} characters`);
  const { counts, end } = await batch.summary;
  console.log(`${end}: ${counts.ok} of ${counts.items} pages are ok`);
} catch (error) {
  if (!(error instanceof VisionBatchError)) throw error;
  console.log(`${error.message} ${error.fix ?? ''}`);
  process.exitCode = error.exitCode;
}
