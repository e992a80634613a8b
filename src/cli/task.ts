import type { Command } from 'commander';
import type { Shell } from './shell.js';
import { describeCommand, mustHaveInputs, settingsOf, withConfigFile, withInputs } from './start.js';

const EXAMPLES = [
  'task ./alt-text.yaml ./photos -o alt.csv',
  'task ./defects.ts ./parts -o defects.jsonl -o defects.csv --limit 20',
  'task ./alt-text.yaml catalog.csv --image-column photo -o alt.csv',
];

/** `visionbatch task FILE INPUT… -o OUT`: a task of the user's own. */
export function task(command: Command, shell: Shell): void {
  command.argument('<file>', 'the task: YAML, or a module that exports it');
  withInputs(command);
  withConfigFile(describeCommand(command, 'task', EXAMPLES)).action(async (taskFile: string, inputs: string[]) => {
    mustHaveInputs(command, inputs, shell);
    const { settings, given } = await settingsOf(command, { shell, name: 'task', task: 'own' });
    const { runBatch } = await import('../app/run.js');
    shell.exit(await runBatch({ task: 'own', taskFile, inputs, settings, given }, shell.io));
  });
}
