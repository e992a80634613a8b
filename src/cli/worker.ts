import type { Command } from 'commander';
import type { Shell } from './shell.js';
import { describeCommand, settingsOf, withConfigFile } from './start.js';

const EXAMPLES = [
  'worker --redis redis://queue:6379',
  'worker --redis redis://queue:6379 --host http://gpu1:11434,slots=4 --root scans=/mnt/scans',
];

/** `visionbatch worker --redis URL` */
export function worker(command: Command, shell: Shell): void {
  withConfigFile(describeCommand(command, 'worker', EXAMPLES)).action(async () => {
    const { settings } = await settingsOf(command, { shell, name: 'worker' });
    const { runWorker } = await import('../app/work.js');
    shell.exit(await runWorker(settings, shell.io));
  });
}
