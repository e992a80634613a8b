import { taskCommand } from './task-command.js';

/** `visionbatch classify INPUT… --labels A,B,… -o OUT` */
export const classify = taskCommand('classify', [
  'classify ./inbox --labels invoice,letter,receipt,other -o kinds.csv',
  'classify list.csv --labels-column kinds -o kinds.csv',
  'classify ./photos --labels @tags.txt --multi -o tags.jsonl',
]);
