import { type Command, Option } from 'commander';
import { SUBJECTS } from '../../config/schema.js';
import { type CommandName, envName, type Setting } from '../../config/setting.js';

const ROWS = SUBJECTS.flatMap(({ title, rows }) => Object.values(rows).map((row) => ({ title, row })));

/**
 * Gives a command the flags of its settings, grouped by subject. None has a default here: the schema resolves them.
 * `config` takes the flags of all commands, most of them unlisted, so that it can explain any command line.
 */
export function addSettings(command: Command, name: CommandName): void {
  for (const { title, row } of ROWS) {
    const belongs = row.commands.includes(name);
    if (!belongs && name !== 'config') continue;
    const isOn = row.default === true; // help lists what changes something
    const off = row.kind.placeholder === null ? [offSwitch(row).hideHelp(!belongs || !isOn)] : [];
    for (const made of [option(row).hideHelp(!belongs || isOn), ...off]) command.addOption(made.helpGroup(`${title}:`));
  }
}

function offSwitch(row: Setting<unknown>): Option {
  return new Option(`--no-${row.name}`, `turn off: ${describe(row)}`);
}

function option(row: Setting<unknown>): Option {
  const flags = `${row.short === undefined ? '' : `-${row.short}, `}--${row.name}${argumentOf(row)}`;
  const made = new Option(flags, describe(row));
  if (row.kind.several !== true) return made;
  return made.argParser((value: string, before: readonly string[] | undefined) => [...(before ?? []), value]);
}

function argumentOf({ kind }: Setting<unknown>): string {
  if (kind.placeholder === null) return '';
  return kind.bare === undefined ? ` <${kind.placeholder}>` : ` [${kind.placeholder}]`;
}

function describe(row: Setting<unknown>): string {
  const unit = row.unit === undefined ? '' : ` ${row.unit}`;
  const otherwise = row.defaultIs ?? `${row.kind.show(row.default)}${unit}`;
  const notes = [...(row.kind.placeholder === null ? [] : [`default: ${otherwise}`]), `env: ${envName(row)}`];
  return `${row.meaning} (${notes.join('; ')})`;
}

/**
 * Writes flags whose value may be left out in full: `--retry-failed` becomes `--retry-failed=all`, because commander
 * would take the next input for its value.
 */
export function inFull(args: readonly string[]): string[] {
  const bare = new Map(
    ROWS.flatMap(({ row }) => (row.kind.bare === undefined ? [] : [[`--${row.name}`, row.kind.bare]])),
  );
  const end = args.includes('--') ? args.indexOf('--') : args.length;
  return args.map((arg, index) => (index < end && bare.has(arg) ? `${arg}=${bare.get(arg)}` : arg));
}
