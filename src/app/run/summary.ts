import { SETTINGS, type SettingKey, type Settings } from '../../../config/schema.js';
import { redact } from '../../core/redact.js';
import { summaryLines } from '../../telemetry/summary.js';
import type { Io } from '../io.js';
import type { Outputs } from '../outputs.js';
import type { OpenedRun } from './open-run.js';
import { quoted } from './quoted.js';
import type { SessionEnd } from './session.js';

export interface TellSummaryOptions {
  readonly session: SessionEnd;
  readonly outputs: Outputs;
  readonly opened: OpenedRun;
  readonly elapsedMs: number;
  readonly command: {
    readonly task: string;
    readonly taskFile: string | null;
    readonly inputs: readonly string[];
    readonly settings: Settings;
  };
  readonly io: Io;
}

/** Writes the last summary to stderr. */
export async function tellSummary(options: TellSummaryOptions): Promise<void> {
  const { command, elapsedMs, io, opened, outputs, session } = options;
  const [first] = command.settings.outputs.filter((output) => output !== '-');
  const lines = summaryLines({
    ...session,
    elapsedMs,
    outputs: await outputs.ends(),
    command: commandLine(command),
    run: quoted(first ?? opened.store.dir),
  });
  io.stderr.write(`${lines.join('\n')}\n`);
}

/** Settings that decide which run is continued, with whom, and which items it has; the rest is pinned or taste. */
const TELLING: readonly SettingKey[] = [
  'outputs',
  'name',
  'state',
  'include',
  'exclude',
  'limit',
  'shard',
  'roots',
  'columns',
  'bom',
  'csvDialect',
  'explode',
  'hosts',
  'model',
  'redis',
  'redisPrefix',
  'machine',
  'profiles',
  'allowPrivateUrls',
  'siteConcurrency',
  'siteDelayMs',
  'filesFrom',
  'nullSeparated',
  'dedupe',
  'pages',
  'frames',
  'passwordFile',
  'maxDecodeMb',
  'groupBy',
  'idColumns',
  'imageColumns',
  'base',
  'onRepeat',
  'promptColumn',
  'questionColumns',
  'labelsColumn',
  'delimiter',
  'encoding',
  'quote',
  // some tasks need theirs
  'questions',
  'labels',
  'multi',
  'schema',
  'stitch',
  'verify',
  'confidence',
];

/** The command that continues the run, quoted for a shell. A password is never part of it. */
function commandLine({ task, taskFile, inputs, settings }: TellSummaryOptions['command']): string {
  const flags = TELLING.flatMap((key) => flagsOf(key, settings));
  const verb = taskFile === null ? [task] : ['task', quoted(taskFile)];
  return ['visionbatch', ...verb, ...inputs.map(quoted), ...flags].join(' ');
}

function flagsOf(key: SettingKey, settings: Settings): readonly string[] {
  const row = SETTINGS[key];
  const value: unknown = settings[key];
  if (JSON.stringify(value) === JSON.stringify(row.default)) return [];
  const flag = 'short' in row && row.short !== undefined ? `-${row.short}` : `--${row.name}`;
  const show = row.kind.show as (value: unknown) => string;
  if (row.kind.placeholder === null) return [value === true ? flag : `--no-${row.name}`];
  const each = Array.isArray(value) ? value.map((one) => show([one])) : [show(value)];
  return each.map((one) => `${flag} ${quoted(redact(one))}`);
}
