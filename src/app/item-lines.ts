import type { Attempt } from '../core/ask.js';
import type { SentImage, VisionRecord } from '../core/record.js';
import { count, counted, duration, oneLine, table } from '../telemetry/words.js';
import { visible } from './visible.js';

/** One part of what there is to say of an item; none where the item has no such part. */
type Part = (record: VisionRecord) => readonly string[];

/** What is said of an item, line by line under its names. */
const PARTS: Readonly<Record<string, Part>> = {
  error: ({ error }) => (error === null ? [] : [`${error.code}: ${error.message}`]),
  warnings: ({ warnings }) => warnings,
  source: sources,
  image: ({ image }) => (image === null ? [] : [image].flat().map(imageLine)),
  asked: ({ task, engine, model }) => [`${task} by ${model === null ? engine : `${model} on ${engine}`}`],
  answered: ({ host, finished_at }) => [`${finished_at}${host === null ? '' : ` by ${host}`}`],
  time: ({ timing_ms }) => [timeLine(timing_ms)],
  tokens: ({ tokens: { prompt, output } }) => (output === null ? [] : [`${amount(prompt)} in, ${count(output)} out`]),
  confidence,
  verify,
  row: ({ row = {} }) => Object.entries(row).map(([name, value]) => `${name}: ${value}`),
};

/**
 * A record for people: status and error, what was sent, what it cost and is worth, every try, and last the answer.
 *
 * @returns lines whose text may still hold control characters
 */
export function itemLines(record: VisionRecord, attempts: readonly Attempt[]): readonly string[] {
  const parts = Object.entries(PARTS).flatMap(([name, part]) =>
    part(record).map((line, index) => [index === 0 ? name : '', oneLine(visible(line))]),
  );
  return [
    `${oneLine(visible(record.id))}  ${record.status}`,
    ...table(parts, 'll'),
    ...tries(attempts),
    ...answer(record),
  ];
}

function sources({ source, page, pages, source_bytes, source_mtime }: VisionRecord): readonly string[] {
  const bytes = [source_bytes].flat();
  const times = [source_mtime].flat();
  const where = pages === null || pages <= 1 ? [] : [`page ${page} of ${pages}`];
  return [source].flat().map((name, index) => {
    const size = bytes[index] ?? null;
    const time = times[index] ?? null;
    const facts = [...(size === null ? [] : [counted(size, 'byte')]), ...(time === null ? [] : [`changed ${time}`])];
    return [name, ...where, ...facts].join(', ');
  });
}

function imageLine({ width, height, sent_width, sent_height, sent_bytes }: SentImage): string {
  return `${width} × ${height} pixels, sent as ${sent_width} × ${sent_height} in ${counted(sent_bytes, 'byte')}`;
}

function timeLine({ total, ...parts }: VisionRecord['timing_ms']): string {
  const known = Object.entries(parts).flatMap(([name, ms]) => (ms === null ? [] : [`${name} ${duration(ms)}`]));
  return [duration(total), ...(known.length === 0 ? [] : [`of it ${known.join(', ')}`])].join(', ');
}

function confidence({ confidence: mean, weakest }: VisionRecord): readonly string[] {
  if (mean === null) return [];
  const least = weakest ?? null; // a store of an earlier version has none
  return [
    `${share(mean)} on average`,
    ...(least === null ? [] : [`${share(least.confidence)} where it was least sure: "${least.text}"`]),
  ];
}

function verify({ verify: found }: VisionRecord): readonly string[] {
  const verification = found ?? null; // a store of an earlier version has none
  if (verification === null) return [];
  const { agreement, missing, added } = verification;
  return [
    `${share(agreement)} of the words agree`,
    ...(missing.length === 0 ? [] : [`not in the answer: ${missing.join(' ')}`]),
    ...(added.length === 0 ? [] : [`only in the answer: ${added.join(' ')}`]),
  ];
}

function tries(attempts: readonly Attempt[]): readonly string[] {
  if (attempts.length === 0) return [];
  const rows = attempts.map(({ host, change, code, message, ms }, index) => [
    `${index + 1}`,
    host,
    change ?? 'as asked',
    code ?? 'answered',
    duration(ms),
    message ?? '',
  ]);
  return [
    '',
    'attempts',
    ...table(
      rows.map((row) => row.map((cell) => oneLine(visible(cell)))),
      'rlllrl',
    ),
  ];
}

function answer(record: VisionRecord): readonly string[] {
  const { text, label } = record;
  // A store of an earlier version has neither.
  const data = record.data ?? null;
  const answers = record.answers ?? [];
  return [
    ...answers.flatMap((one) => block(one.question, one.text)),
    ...(data === null ? [] : block('data', JSON.stringify(data, null, 2))),
    ...(label === null || label === undefined ? [] : block('label', [label].flat().join('\n'))),
    ...(text === null ? [] : block('text', text)),
  ];
}

function block(title: string, text: string): readonly string[] {
  return ['', oneLine(visible(title)), ...text.split(/\r?\n/).map((line) => `  ${line}`)];
}

/** Two decimals: `0.93`. */
function share(of: number): string {
  return of.toFixed(2);
}

function amount(of: number | null): string {
  return of === null ? '?' : count(of);
}
