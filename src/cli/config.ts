import type { Command } from 'commander';
import { type Origin, ROWS } from '../../config/layer.js';
import type { Loaded } from '../../config/load.js';
import { yamlKey } from '../../config/setting.js';
import { EXIT } from '../core/exit.js';
import { redact } from '../core/redact.js';
import type { Shell } from './shell.js';
import { describeCommand, settingsOf, withConfigFile } from './start.js';

const EXAMPLES = ['config show --origin', 'config show --json', 'config show --origin --silence-timeout 90s'];

/** `visionbatch config show [--origin]`, which takes the flags of every command. */
export function config(command: Command, shell: Shell): void {
  const show = command.command('show').description('print every setting');
  show.option('--origin', 'say where each value comes from');
  withConfigFile(describeCommand(show, 'config', EXAMPLES)).action(async () => {
    const loaded = await settingsOf(show, { shell, name: 'config' });
    const lines = shownSettings(loaded);
    const withOrigin = show.opts<{ origin?: true }>().origin === true;
    shell.io.stdout.write(loaded.settings.json ? asJson(lines) : asText(lines, withOrigin));
    shell.exit(EXIT.ok);
  });
}

interface ShownSetting {
  /** The key in YAML. */
  readonly name: string;
  /** As a user would write it, without passwords; empty for none. */
  readonly value: string;
  readonly origin: Origin;
}

function shownSettings({ settings, origins }: Loaded): ShownSetting[] {
  return ROWS.map(({ key, row }) => ({
    name: yamlKey(row),
    value: redact(row.kind.show(settings[key])),
    origin: origins[key],
  }));
}

function asJson(lines: readonly ShownSetting[]): string {
  const settings = Object.fromEntries(
    lines.map(({ name, value, origin }) => [name, { value, origin: origin.kind, where: origin.where }]),
  );
  return `${JSON.stringify({ schema_version: 1, settings }, null, 2)}\n`;
}

/** `name: value`, tab, origin: for people, and for cut. */
function asText(lines: readonly ShownSetting[], withOrigin: boolean): string {
  return lines
    .map(
      ({ name, value, origin }) =>
        `${name}: ${JSON.stringify(value).slice(1, -1)}${withOrigin ? `\t${origin.where}` : ''}\n`,
    )
    .join('');
}
