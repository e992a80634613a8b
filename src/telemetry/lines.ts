import { ofHost } from '../core/of-host.js';
import { byHost, type HostStatus, isIdle } from './hosts.js';
import { doneOf, type Snapshot, totalOf } from './snapshot.js';
import { count, counted, duration, oneLine, percent, rate } from './words.js';

/** `1,204 of 60,000 (2 %), 3.4/s, about 4 h 48 min left`: where a run stands. */
export function standing({ counts, discovering, ratePerS, etaMs }: Snapshot): string {
  const [done, total] = [doneOf(counts), totalOf(counts)];
  if (discovering) return `${count(done)} of ${count(total)} found so far, ${rate(ratePerS)}`;
  const eta = etaMs === null || done >= total ? [] : [`about ${duration(etaMs)} left`];
  return [`${count(done)} of ${count(total)} (${percent(done, total)})`, rate(ratePerS), ...eta].join(', ');
}

/** One line that says all of a run, for logs and files. */
export function plainLine(snapshot: Snapshot): string {
  const { notOk } = snapshot.counts;
  const parts = [standing(snapshot), `${count(notOk)} not ok`, hostsInWords(byHost(snapshot.lanes))];
  if (snapshot.waitingFor !== null) parts.push(`waiting for ${oneLine(snapshot.waitingFor)}`);
  return parts.filter((part) => part !== '').join(' · ');
}

/** One JSON line; field names are part of what users may rely on. */
export function jsonLine({ counts, lanes, ...snapshot }: Snapshot, atMs: number): string {
  return JSON.stringify({
    event: 'progress',
    at: new Date(atMs).toISOString(),
    items: counts.items,
    ok: counts.ok,
    blank: counts.blank,
    not_ok: counts.notOk,
    skipped: counts.skipped,
    left: counts.left,
    discovering: snapshot.discovering,
    rate_per_s: Math.round(snapshot.ratePerS * 1_000) / 1_000,
    eta_ms: snapshot.etaMs === null ? null : Math.round(snapshot.etaMs),
    waiting_for: snapshot.waitingFor,
    hosts: byHost(lanes),
  });
}

function hostsInWords(hosts: readonly HostStatus[]): string {
  if (hosts.length === 0) return '';
  const busy = hosts.reduce((sum, host) => sum + host.busy, 0);
  const slots = hosts.reduce((sum, host) => sum + host.slots, 0);
  const idle = hosts.filter((host) => isIdle(host));
  const [first] = idle;
  const words = `${counted(hosts.length, 'host')}, ${count(busy)} of ${counted(slots, 'slot')} busy`;
  if (first === undefined) return words;
  return `${words}, ${count(idle.length)} not serving (${ofHost(first.host, first.reason ?? first.state)})`;
}
