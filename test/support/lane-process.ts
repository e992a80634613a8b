// A worker process with one lane on a run's queue, for tests that kill it. Writes a line for every job it takes.
// Arguments: Redis URL, run id, prefix, lane name, slots, milliseconds a job takes.
import { setTimeout as sleep } from 'node:timers/promises';
import { createBullmqConnection } from '../../jobs/bullmq-connection.js';
import { createBullmqQueue } from '../../jobs/bullmq-queue.js';
import { SILENT } from '../../src/core/telling.js';
import { aRecord } from './builders.js';

const [, , url = '', runId = '', prefix = '', name = '', slots = '1', jobMs = '0', times = '{}'] = process.argv;
const connection = await createBullmqConnection({ url, logger: SILENT });
const queue = createBullmqQueue({ connection, runId, prefix, times: JSON.parse(times) });
queue.serve({
  name,
  slots: Number(slots),
  async handle(job) {
    process.stdout.write(`${job.key}\n`);
    await sleep(Number(jobMs));
    return { record: aRecord({ id: job.key, host: name }), attempts: [] };
  },
  refused: () => {},
});
