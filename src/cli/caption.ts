import { taskCommand } from './task-command.js';

/** `visionbatch caption INPUT… -o OUT` */
export const caption = taskCommand('caption', [
  'caption ./photos -o captions.csv --limit 20',
  'caption ./site/images --style alt -o alt.csv',
  "caption './catalog/**/*.jpg' -o captions.jsonl --model gemma3:12b --prompt @prompt.txt --until 07:00",
]);
