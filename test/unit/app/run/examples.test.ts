import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadSettings } from '../../../../config/load.js';
import { loadTask } from '../../../../src/app/definitions/load-task.js';
import { newAsk } from '../../../../src/app/run/ask.js';
import { refuseAsk } from '../../../../src/app/run/ask-limits.js';
import { loadDefinition } from '../../../../src/app/run/definition.js';
import { TASK_NAMES } from '../../../../src/core/ask.js';
import { aChoiceOf } from './asks.js';

const ROOT = join(import.meta.dirname, '../../../..');
const FILES = await readdir(join(ROOT, 'examples/tasks'));

describe('the examples', () => {
  it('have one of every task', () => {
    for (const task of TASK_NAMES) expect(FILES).toContain(`${task}.yaml`);
  });

  it.each(TASK_NAMES)('%s.yaml can be run as it is', async (task) => {
    const file = `examples/tasks/${task}.yaml`;
    const loaded = await loadSettings({ command: 'run', task: null, flags: {}, env: {}, file, cwd: ROOT });
    expect(loaded.task).toBe(task);
    const definition = await loadDefinition({ ...loaded, task, cwd: ROOT });
    const ask = newAsk(aChoiceOf(definition.settings.model ?? ''), definition);
    refuseAsk({ meta: { ask, carried: [] }, settings: definition.settings });
    expect(ask.prompt).not.toBe('');
  });

  it.each(['file-name.yaml', 'page-quality.ts'])('%s is a task of its own', async (name) => {
    const task = await loadTask(`examples/tasks/${name}`, ROOT);
    expect(task.name).toBe(name.split('.')[0]);
    expect(task.schema).not.toBeNull();
  });
});
