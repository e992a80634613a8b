import process from 'node:process';
import { toVisionError } from '../../../core/errors.js';
import { parquetReader } from './reader.js';
import { isTask, type ParquetReply, type ParquetTask } from './task.js';

// A process of its own that reads Parquet files, and ends with the one that started it.

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
