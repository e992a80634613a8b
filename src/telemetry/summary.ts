import { type FailureCode, isEnvironmental } from '../core/errors.js';
import { firstFew } from '../core/first-few.js';
import type { ShardCount } from '../core/shard.js';
import type { LaneStatus, RunCounts } from '../core/telling.js';
import { byHost, MOST_HOSTS, noteworthy } from './hosts.js';
import { count, counted, duration, oneLine, rate, table } from './words.js';

/** An output file as the summary names it. */
export interface SummaryOutput {
  readonly path: string;
  readonly rows: number;
  /** Whether every item of the run has its row there. */
  readonly finished: boolean;
}

/** Rows of this start of which the summary names a few. */
export interface NamedRows {
  readonly rows: number;
  /** The keys of a few of them. */
  readonly first: readonly string[];
}

/** What the last lines of a command say. */
export interface Summary {
  /** `stopped`: before its end, by a signal or a time limit. */
  readonly end: 'finished' | 'stopped';
  /** The whole run, earlier starts included. */
  readonly counts: RunCounts;
  /** Rows that this start made. */
  readonly made: number;
  /** Pages without ink: no model was asked about them. */
  readonly unwritten: NamedRows;
  /** Files of several pages or frames, of which the first alone was seen. */
  readonly inPart: NamedRows;
  readonly elapsedMs: number;
  readonly lanes: readonly LaneStatus[];
  readonly outputs: readonly SummaryOutput[];
  /** Whether every item was found; if not, more are left than the counts can say. */
  readonly discovered: boolean;
  /** Files met that are no images, by extension (`''` for none). */
  readonly notImages: Readonly<Record<string, number>>;
  /** Which part of the inputs the run is over; null: all of them. */
  readonly shard: ShardCount | null;
  /** The command as it was given, quoted for a shell: it continues the run. */
  readonly command: string;
  /** What the reading commands are given for this run, quoted for a shell. */
  readonly run: string;
}

/**
 * The last summary, in lines. Its numbers balance: items = ok + blank + not ok + skipped + left.
 */
export function summaryLines(summary: Summary): readonly string[] {
  return [
    headline(summary),
    ...indented(balance(summary.counts)),
    ...unwritten(summary.unwritten),
    ...inPart(summary.inPart),
    ...duplicates(summary.counts),
    ...shardOf(summary),
    ...notImages(summary.notImages),
    ...section('Hosts', hosts(summary)),
    ...section('Output', outputs(summary.outputs)),
    ...section('Next', next(summary)),
  ];
}

function headline({ discovered, end, counts, made, elapsedMs }: Summary): string {
  const perS = elapsedMs === 0 ? 0 : (made / elapsedMs) * 1_000;
  const speed = made === 0 ? 'nothing was asked' : `${counted(made, 'row')} made, ${rate(perS)}`;
  const left = `${count(counts.left)} left${discovered ? '' : ' and more to be found'}`;
  const opening = end === 'finished' ? 'Finished' : `Stopped with ${left}`;
  return `${opening} after ${duration(elapsedMs)}: ${counted(counts.items, 'item')}, ${speed}`;
}

/** Every item once; codes stand under `not ok`, as parts of it. */
function balance(counts: RunCounts): readonly string[] {
  const codes = table(
    codesOf(counts).map(([code, items]) => [count(items), code]),
    'rl',
  ).map((line) => ['', `  ${line}`]);
  const rows = [
    [count(counts.ok), 'ok'],
    ...(counts.blank > 0 ? [[count(counts.blank), 'blank']] : []),
    ...(counts.notOk > 0 ? [[count(counts.notOk), 'not ok'], ...codes] : []),
    ...(counts.skipped > 0 ? [[count(counts.skipped), 'skipped (--limit)']] : []),
    ...(counts.left > 0 ? [[count(counts.left), 'left']] : []),
  ];
  return table(rows, 'rl');
}

/** Whoever knows one of them to be written on can look. */
function unwritten({ first, rows }: NamedRows): readonly string[] {
  if (rows === 0) return [];
  const pages = firstFew(first.map(oneLine), rows);
  return [`  no ink on ${pages}`, '    no model was asked; --no-blank-check --on-change keep asks about such pages'];
}

function inPart({ first, rows }: NamedRows): readonly string[] {
  if (rows === 0) return [];
  const fix = '    --frames all takes every frame; documents are counted if named .pdf or .tif';
  return [`  first page or frame only of ${firstFew(first.map(oneLine), rows)}`, fix];
}

function duplicates({ duplicates: rows }: RunCounts): readonly string[] {
  return rows === undefined ? [] : [`  ${counted(rows, 'duplicate')} among them: their bytes were asked about once`];
}

function shardOf({ discovered, shard }: Summary): readonly string[] {
  if (shard === null || !discovered) return [];
  const { all, index, of, own } = shard;
  return [`  shard ${index} of ${of}: ${count(own)} of ${count(all)} files, rows or groups`];
}

/** Names of files may end in anything. */
const MOST_EXTENSIONS = 10;
const ARCHIVES: ReadonlySet<string> = new Set(['zip', 'tar', 'tgz']);
const NAME_ARCHIVES = '  archives in folders are not opened: name them as inputs to read what they hold';

function notImages(byExtension: Readonly<Record<string, number>>): readonly string[] {
  const kinds = Object.entries(byExtension).sort(([, a], [, b]) => b - a);
  if (kinds.length === 0) return [];
  const words = kinds
    .slice(0, MOST_EXTENSIONS)
    .map(([extension, files]) => `${count(files)} ${extension === '' ? 'without extension' : `.${extension}`}`);
  const more =
    kinds.length > MOST_EXTENSIONS ? ` and ${counted(kinds.length - MOST_EXTENSIONS, 'more extension')}` : '';
  const hint = kinds.some(([extension]) => ARCHIVES.has(extension)) ? [NAME_ARCHIVES] : [];
  return [`  not images: ${words.join(', ')}${more}`, ...hint];
}

function hosts({ lanes, elapsedMs }: Summary): readonly string[] {
  const { shown, more } = noteworthy(byHost(lanes), MOST_HOSTS);
  const rows = shown.map((host) => [
    host.host,
    host.done === 0 && host.reason !== null ? '-' : counted(host.slots, 'slot'), // nobody has found them
    `${count(host.done)} done`,
    `${count(host.failed)} not ok`,
    elapsedMs === 0 ? '-' : rate((host.done / elapsedMs) * 1_000),
    host.state === 'left' ? `left: ${host.reason ?? 'no reason given'}` : (host.reason ?? ''),
  ]);
  return [...table(rows, 'lrrrrl'), ...(more > 0 ? [`+${counted(more, 'more host')}`] : [])];
}

function outputs(files: readonly SummaryOutput[]): readonly string[] {
  const rows = files.map(({ path, rows: written, finished }) => [
    oneLine(path),
    counted(written, 'row'),
    finished ? '' : 'so far',
  ]);
  return table(rows, 'lrl');
}

/** What one flag would help, which the command lacks. */
const WANTING = [
  { code: 'PDF_ENCRYPTED', flag: '--password-file', value: ' FILE', meaning: 'reads also what wants a password: N' },
  {
    code: 'URL_FORBIDDEN',
    flag: '--allow-private-urls',
    value: '',
    meaning: 'fetches also what lies at private addresses: N; where you trust who wrote them',
  },
] as const;

/** Commands to go on with, each with what it does. */
function next({ counts, command, discovered, end, run }: Summary): readonly string[] {
  const codes = codesOf(counts);
  const broken = sum(codes.filter(([code]) => isEnvironmental(code)));
  const wanting = WANTING.filter(({ flag }) => !command.includes(flag)).map((want) => ({
    ...want,
    items: counts.codes[want.code] ?? 0,
  }));
  const bad = sum(codes) - broken - wanting.reduce((total, { items }) => total + items, 0);
  const steps: (readonly [string, string])[] = [];
  if (end === 'stopped' && !discovered) steps.push([command, 'goes on looking, and with what is left']);
  else if (counts.left > 0) steps.push([command, `goes on with the ${count(counts.left)} left`]);
  if (counts.notOk > 0)
    steps.push([`visionbatch failures ${run}`, `says what is wrong with the ${count(counts.notOk)}`]);
  if (broken > 0 && counts.left === 0)
    steps.push([command, `looks again at the ${count(broken)} that the environment broke`]);
  for (const { flag, value, items, meaning } of wanting) {
    if (items > 0) steps.push([`${command} ${flag}${value}`, meaning.replace('N', count(items))]);
  }
  if (bad > 0)
    steps.push([`${command} --retry-failed`, `asks also the ${count(bad)} again whose file or answer was bad`]);
  if (steps.length === 0 && counts.skipped > 0) {
    steps.push([command, `asks the ${count(counts.skipped)} skipped, too, with a higher --limit or none`]);
  }
  return steps.flatMap(([line, meaning]) => [line, `  ${meaning}`]);
}

function codesOf({ codes }: RunCounts): readonly (readonly [FailureCode, number])[] {
  return (Object.entries(codes) as [FailureCode, number][]).sort(([, a], [, b]) => b - a);
}

function sum(codes: readonly (readonly [FailureCode, number])[]): number {
  return codes.reduce((total, [, items]) => total + items, 0);
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [title, ...indented(lines)];
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}
