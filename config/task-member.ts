import { TASK_NAMES, type TaskName } from '../src/core/ask.js';
import { closest } from './closest.js';
import { parsed, refuse } from './kinds.js';
import type { Kind } from './setting.js';

/** A task as a file for `run` names it. */
export interface NamedTask {
  readonly task: TaskName;
  /** The file of an own task, as given; null for the others. */
  readonly taskFile: string | null;
}

const BUILT_IN = TASK_NAMES.filter((name) => name !== 'own');

/** The name of a built-in task, or the file of an own one: something with a `/`, or with the extension of such a file. */
export const TASK: Kind<NamedTask> = {
  placeholder: [...BUILT_IN, 'FILE'].join('|'),
  type: parsed((raw) => {
    const task = BUILT_IN.find((name) => name === raw);
    if (task !== undefined) return { task, taskFile: null };
    if (typeof raw === 'string' && /\/.|.\.(ya?ml|[cm]?[jt]s)$/.test(raw)) return { task: 'own', taskFile: raw };
    const near = closest(String(raw), BUILT_IN);
    const hint = near === undefined ? '' : `did you mean ${near} ?`;
    return refuse(`one of ${BUILT_IN.join(', ')}, or the file of a task such as ./my-task.yaml`, raw, hint);
  }),
  show: ({ task, taskFile }) => taskFile ?? task,
};
