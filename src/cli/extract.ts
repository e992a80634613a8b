import { taskCommand } from './task-command.js';

/** `visionbatch extract INPUT… --schema FILE -o OUT` */
export const extract = taskCommand('extract', [
  'extract ./receipts --schema receipt.json -o receipts.jsonl -o receipts.csv',
  'extract ./receipts --schema receipt.json -o items.csv --explode items',
  'extract ./invoices --schema ./invoice.ts --model qwen2.5vl:7b -o invoices.csv',
]);
