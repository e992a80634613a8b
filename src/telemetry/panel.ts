import { byHost, type HostStatus, MOST_HOSTS, noteworthy } from './hosts.js';
import { standing } from './lines.js';
import { doneOf, type Snapshot, totalOf } from './snapshot.js';
import { clip, count, counted, oneLine, rate, table } from './words.js';

export interface PanelOptions {
  /** Columns of the terminal; no line is wider. */
  readonly columns: number;
  /** Rows of the terminal; there are never as many lines. */
  readonly rows: number;
  /** A host's items per second. */
  readonly rateOf: (host: string) => number;
}

const BAR_WIDTH = 12;
/** Lines beside the hosts': two on top, the table's head, `more hosts`, `waiting for`, and the cursor's own. */
const OTHER_LINES = 6;

/** The live panel's lines. */
export function panelLines(snapshot: Snapshot, { columns, rows, rateOf }: PanelOptions): readonly string[] {
  const { counts, lanes, waitingFor } = snapshot;
  const { shown, more } = noteworthy(byHost(lanes), Math.max(1, Math.min(MOST_HOSTS, rows - OTHER_LINES)));
  const lines = [
    `${bar(doneOf(counts), totalOf(counts))} ${standing(snapshot)}`,
    `  ${count(counts.ok)} ok · ${count(counts.blank)} blank · ${count(counts.notOk)} not ok`,
    ...hostLines(shown, rateOf),
    ...(more > 0 ? [`  +${counted(more, 'more host')}`] : []),
    ...(waitingFor === null ? [] : [`Waiting for ${oneLine(waitingFor)}`]),
  ];
  return lines.map((line) => clip(line, columns - 1));
}

function bar(done: number, total: number): string {
  const filled = total === 0 ? 0 : Math.floor((done / total) * BAR_WIDTH);
  return `[${'='.repeat(filled)}${' '.repeat(BAR_WIDTH - filled)}]`;
}

function hostLines(hosts: readonly HostStatus[], rateOf: (host: string) => number): readonly string[] {
  if (hosts.length === 0) return [];
  const rows = hosts.map((host) => [
    clip(host.host, 40),
    `${host.busy}/${host.slots}`,
    rate(rateOf(host.host)),
    count(host.done),
    count(host.failed),
    host.state === 'serving' ? '' : [host.state, host.reason].filter((part) => part !== null).join(': '),
  ]);
  return table([['host', 'busy', 'rate', 'done', 'not ok', ''], ...rows], 'lrrrrl').map((line) => `  ${line}`);
}
