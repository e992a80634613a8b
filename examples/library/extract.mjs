// Data out of images, of a type that TypeScript knows: a task of your own, over items of your own.
// node examples/library/extract.mjs receipt1.png receipt2.png
import { readFile } from 'node:fs/promises';
import { defineTask, runBatch } from 'visionbatch';
import { z } from 'zod';

const receipt = defineTask({
  name: 'receipt',
  prompt: 'Read this receipt of {{owner}}.',
  schema: z.object({ vendor: z.string(), total: z.number(), paid: z.boolean().nullable() }),
});

const inputs = await Promise.all(
  process.argv.slice(2).map(async (path) => ({ id: path, images: await readFile(path), row: { owner: 'Ada' } })),
);

const batch = runBatch({ task: receipt, inputs, host: process.env.OLLAMA_HOST ?? 'http://127.0.0.1:11434' });
for await (const record of batch) {
  if (record.status === 'ok') console.log(`${record.id}: ${record.data.vendor}, ${record.data.total}`);
  else console.log(`${record.id}: ${record.status}, ${record.error?.message}`);
}
