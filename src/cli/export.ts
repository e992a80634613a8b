import type { Command } from 'commander';
import type { Shell } from './shell.js';
import { describeCommand, settingsOf, withConfigFile } from './start.js';

const EXAMPLES = ['export out.csv', 'export out.csv -o all.jsonl', 'export shard-1.csv shard-2.csv -o all.csv'];

/** `visionbatch export RUN…` */
export function exportRows(command: Command, shell: Shell): void {
  command.argument(
    '<runs...>',
    'outputs of runs, their folders under .visionbatch, or their ids; several are put together',
  );
  withConfigFile(describeCommand(command, 'export', EXAMPLES)).action(async (runs: readonly string[]) => {
    const { settings } = await settingsOf(command, { shell, name: 'export' });
    const { exportRuns } = await import('../app/export.js');
    shell.exit(await exportRuns(runs, settings, shell.io));
  });
}
