import type { Command } from 'commander';
import type { Shell } from './shell.js';
import { describeCommand, settingsOf } from './start.js';

/** `visionbatch run FILE.yaml` */
export function run(command: Command, shell: Shell): void {
  command.argument('<file>', 'YAML with task, inputs and any settings');
  describeCommand(command, 'run', [
    'run nightly.yaml',
    'run nightly.yaml --limit 20',
    'run nightly.yaml --retry-failed',
  ]).action(async (file: string) => {
    const { settings, given, task, taskFile, inputs } = await settingsOf(command, { shell, name: 'run', file });
    if (task === null) throw new TypeError('Expected `task` to be proven by the loader, got null');
    const { runBatch } = await import('../app/run.js');
    shell.exit(await runBatch({ task, taskFile, inputs, settings, given }, shell.io));
  });
}
