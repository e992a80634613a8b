import type { TaskName } from '../../src/core/ask.js';
import { caption } from './caption.js';
import { ocr } from './ocr.js';
import type { TaskDefinition } from './task.js';

/** Every task by its name; one that is missing does not compile. */
export const TASKS = { ocr, caption } as const satisfies Record<TaskName, TaskDefinition>;
