import type { Command } from 'commander';
import type { Shell } from './shell.js';
import { describeCommand, settingsOf, withConfigFile } from './start.js';

const EXAMPLES = ['models --json', 'models --host http://gpu1:11434 --host http://gpu2:11434'];

/** `visionbatch models` */
export function models(command: Command, shell: Shell): void {
  withConfigFile(describeCommand(command, 'models', EXAMPLES)).action(async () => {
    const { settings } = await settingsOf(command, { shell, name: 'models' });
    const { showModels } = await import('../app/models/show.js');
    shell.exit(await showModels(settings, shell.io));
  });
}
