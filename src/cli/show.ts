import type { Command } from 'commander';
import type { Shell } from './shell.js';
import { describeCommand, settingsOf, withConfigFile } from './start.js';

const EXAMPLES = ['show out.csv scans/page-7.jpg', "show out.csv 'book.pdf#3' --json"];

/** `visionbatch show RUN ITEM` */
export function show(command: Command, shell: Shell): void {
  command.argument('<run>', "the run's output, its folder under .visionbatch, or its id");
  command.argument('<item>', 'the id of its row');
  withConfigFile(describeCommand(command, 'show', EXAMPLES)).action(async (run: string, item: string) => {
    const { settings } = await settingsOf(command, { shell, name: 'show' });
    const { showItem } = await import('../app/show.js');
    shell.exit(await showItem({ run, item }, settings, shell.io));
  });
}
