import { type Command, Option } from 'commander';
import { CONFIG_VARIABLE } from '../../config/layer.js';
import { DEFAULT_FILE, type Loaded, loadSettings } from '../../config/load.js';
import { type CommandName, envName } from '../../config/setting.js';
import { WHERE } from '../../config/settings/where.js';
import type { TaskName } from '../core/ask.js';
import { addSettings } from './setting-options.js';
import type { Shell } from './shell.js';

const READ = `
Read: JPEG, PNG, WebP, AVIF, GIF, TIFF (every page), PDF (every page), HEIC, BMP, SVG; ZIP and tar archives; .csv .tsv .jsonl
.parquet (also .gz). Not read, and said so by a row: JPEG 2000, JPEG XL. More in docs/inputs.md.`;

/** Lists `--config` and `--help` after the settings. */
const LAST_GROUP = 'Other:';

/** Gives a command the flags of its settings, `--config`, and examples that open its help. */
export function describeCommand(command: Command, name: CommandName, examples: readonly string[]): Command {
  command.addHelpText('before', `Examples:\n${examples.map((example) => `  visionbatch ${example}\n`).join('')}`);
  command.addHelpOption(new Option('-h, --help', 'print this').helpGroup(LAST_GROUP));
  addSettings(command, name);
  return command;
}

/** Adds `--config FILE`, for every command whose file is not an argument. */
export function withConfigFile(command: Command): Command {
  const meaning = `configuration file (default: ./${DEFAULT_FILE}; env: ${CONFIG_VARIABLE})`;
  return command.addOption(new Option('--config <FILE>', meaning).helpGroup(LAST_GROUP));
}

/** Adds the inputs, as the last argument. */
export function withInputs(command: Command): Command {
  return command
    .argument('[inputs...]', 'folders, files, patterns, archives, tables, s3://…; - for what comes on stdin')
    .addHelpText('after', READ);
}

/** Ends the command with its usage where neither inputs nor a list of them are named. */
export function mustHaveInputs(command: Command, inputs: readonly string[], { env }: Pick<Shell, 'env'>): void {
  const list = command.opts<{ filesFrom?: string }>().filesFrom ?? env[envName(WHERE.filesFrom)];
  if (inputs.length === 0 && list === undefined) command.error("error: missing required argument 'inputs'");
}

export interface StartOptions {
  readonly shell: Shell;
  readonly name: CommandName;
  readonly task?: TaskName;
  /** Goes before `--config`. */
  readonly file?: string;
}

/** Resolves the settings of a command from its flags, the environment and the configuration file. */
export function settingsOf(command: Command, { shell, name, task, file }: StartOptions): Promise<Loaded> {
  const { config, ...flags } = command.opts<Record<string, unknown>>();
  const named = file ?? (typeof config === 'string' ? config : null);
  return loadSettings({ command: name, task: task ?? null, flags, env: shell.env, file: named, cwd: shell.io.cwd });
}
