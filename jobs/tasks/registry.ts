import type { TaskName } from '../../src/core/ask.js';
import { ask } from './ask.js';
import { caption } from './caption.js';
import { classify } from './classify.js';
import { compare } from './compare.js';
import { extract } from './extract.js';
import { ocr } from './ocr.js';
import { own } from './own.js';
import type { TaskDefinition } from './task.js';

/** Every task by its name; one that is missing does not compile. */
export const TASKS = { ocr, caption, ask, compare, classify, extract, own } as const satisfies Record<
  TaskName,
  TaskDefinition
>;
