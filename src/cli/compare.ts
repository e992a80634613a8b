import { taskCommand } from './task-command.js';

/** `visionbatch compare INPUT… -o OUT` */
export const compare = taskCommand('compare', [
  'compare before.jpg after.jpg -o changes.jsonl',
  "compare ./before ./after --group-by stem -o changes.csv --prompt 'What has changed from the first image to the second?'",
  'compare ./rooms --stitch --model llama3.2-vision -o rooms.csv',
]);
