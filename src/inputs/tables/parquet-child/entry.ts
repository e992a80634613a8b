import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { toVisionError } from '../../../core/errors.js';
import { parquetReader } from './reader.js';
import { isTask, type ParquetReply, type ParquetTask } from './task.js';

// A process of its own that reads Parquet files, and ends with the one that started it.

const IS_SOURCE = import.meta.url.endsWith('.ts');
const WATCH = fileURLToPath(new URL(`./watch${IS_SOURCE ? '.ts' : '.js'}`, import.meta.url));

// Over a damaged file this thread may never hear that the other process has gone.
new Worker(WATCH, { argv: process.argv.slice(2) }).unref();

// A Ctrl-C in the terminal, or a service that is stopped, is for the other process: it finishes what is in hand first.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});

const read = parquetReader();

process.on('message', async (task) => {
  if (isTask(task)) process.send?.(await replyTo(task));
});

async function replyTo(task: ParquetTask): Promise<ParquetReply> {
  try {
    return await read(task);
  } catch (error) {
    return { kind: 'failed', failure: toVisionError(error).toFailure() };
  }
}
