// Writes records into the store of its argument until it is killed, and says how many are on the disk.
import { stdout } from 'node:process';
import { toVisionError } from '../../../src/core/errors.js';
import { aRecord } from '../../support/builders.js';
import { openTestStore } from './stores.js';

const BATCH = 10;
const store = await openTestStore(process.argv[2] ?? '');
try {
  await store.markRunning(['in-hand.png']);
  for (let at = 0; ; at += BATCH) {
    const records = Array.from({ length: BATCH }, (_, index) =>
      aRecord({ id: String(at + index), text: 'x'.repeat(500) }),
    );
    await store.put(records.map((record) => ({ record, attempts: [] })));
    stdout.write(`${at + BATCH}\n`);
  }
} catch (error) {
  stdout.write(`${toVisionError(error).code}\n`);
  await store.close().catch(() => {}); // and the process ends by itself
}
