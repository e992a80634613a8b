import type { Command } from 'commander';
import type { Settings } from '../../config/schema.js';
import type { CommandName } from '../../config/setting.js';
import type { Io } from '../app/io.js';
import type { ExitCode } from '../core/exit.js';
import type { Shell } from './shell.js';
import { describeCommand, settingsOf, withConfigFile } from './start.js';

export interface ReadingCommand {
  readonly name: CommandName;
  readonly examples: readonly string[];
  /** Imports the function that does it. */
  load(): Promise<(run: string, settings: Settings, io: Io) => Promise<ExitCode>>;
}

/** A command that looks at one run: `NAME RUN`. */
export function readingCommand({ name, examples, load }: ReadingCommand): (command: Command, shell: Shell) => void {
  return (command, shell) => {
    command.argument('<run>', "the run's output, its folder under .visionbatch, or its id");
    withConfigFile(describeCommand(command, name, examples)).action(async (run: string) => {
      const { settings } = await settingsOf(command, { shell, name });
      const read = await load();
      shell.exit(await read(run, settings, shell.io));
    });
  };
}
