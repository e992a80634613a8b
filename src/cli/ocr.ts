import { taskCommand } from './task-command.js';

/** `visionbatch ocr INPUT… -o OUT` */
export const ocr = taskCommand('ocr', [
  'ocr ./scans -o out.csv --host cpu',
  'ocr ./scans -o out.csv -o out.jsonl --model qwen2.5vl:7b --host http://gpu1:11434,slots=4 --lang deu+eng',
  'ocr ./scans -o out.jsonl --format markdown --verify cpu=10%',
]);
