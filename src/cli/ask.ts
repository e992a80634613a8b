import { taskCommand } from './task-command.js';

/** `visionbatch ask INPUT… --question Q -o OUT` */
export const ask = taskCommand('ask', [
  "ask ./photos --question 'How many people are in this photo?' -o people.csv",
  "ask ./forms -o forms.csv --question 'Is the form signed?' --question 'By whom?'",
  "ask products.csv --question 'Does the photo show {{title}}? Answer yes or no.' -o checked.csv",
]);
