import type { Command } from 'commander';
import type { TaskName } from '../core/ask.js';
import type { Shell } from './shell.js';
import { describeCommand, mustHaveInputs, settingsOf, withConfigFile, withInputs } from './start.js';

type BuiltInTask = Exclude<TaskName, 'own'>;

/** A command that is named after its task: `TASK INPUT… -o OUT`. */
export function taskCommand(task: BuiltInTask, examples: readonly string[]): (command: Command, shell: Shell) => void {
  return (command, shell) => {
    withInputs(command);
    withConfigFile(describeCommand(command, task, examples)).action(async (inputs: string[]) => {
      mustHaveInputs(command, inputs, shell);
      const { settings, given } = await settingsOf(command, { shell, name: task, task });
      const { runBatch } = await import('../app/run.js');
      shell.exit(await runBatch({ task, taskFile: null, inputs, settings, given }, shell.io));
    });
  };
}
