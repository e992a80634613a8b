import { isSilence } from '../../core/errors.js';
import { firstFew } from '../../core/first-few.js';
import { ofHost } from '../../core/of-host.js';
import type { LaneStatus } from '../../core/telling.js';
import { counted } from '../../telemetry/words.js';
import type { Workers } from './turn.js';

/** What a run waits for that nobody serves. */
export interface Wait {
  /** For people, after "waiting for"; told anew whenever it changes, so it counts nothing. */
  readonly what: string;
  /** What is wrong, in a sentence; null where nothing is, as it is another run's turn, or every host is at rest. */
  readonly trouble: string | null;
  /** It is told when it has lasted for so long. */
  readonly tellAfterMs: number;
}

/** Workers look for runs every few seconds, and load a model before they serve; the trouble of others is told late. */
const JOIN_MS = 10_000;
/** As many as a sentence names. */
const NAMED = 3;

/** What a run waits for, none of whose lanes serves or starts. */
export function waitOf(lanes: readonly LaneStatus[], workers: Workers): Wait {
  const queued = lanes.filter(({ state }) => state === 'queued');
  if (queued.length > 0) return patience(`its turn (${firstOf(queued)})`);
  if (workers.serving !== null) {
    const { coordinator, model, runId } = workers.serving;
    return patience(`its turn (run ${runId} of ${coordinator}, ${model ?? 'built-in OCR'}, is served first)`);
  }
  const resting = lanes.filter(({ state }) => state === 'resting');
  if (resting.length > 0) return patience(`a host at rest (${firstOf(resting)})`);
  const down = lanes.length > 0 ? lanes : workers.troubled;
  if (down.length > 0) {
    return { what: 'a host that answers', trouble: silence(down), tellAfterMs: lanes.length > 0 ? 0 : JOIN_MS };
  }
  const here = workers.count === 0 ? '' : `, though ${counted(workers.count, 'worker')} could: their logs say why`;
  const tellAfterMs = workers.count === 0 ? 0 : JOIN_MS;
  return { what: 'a worker', trouble: `No worker serves this run yet${here}.`, tellAfterMs };
}

/** What each host says of itself, in lines. */
export function reasonsOf(lanes: readonly LaneStatus[]): string {
  return reasons(lanes).join('\n');
}

function patience(what: string): Wait {
  return { what, trouble: null, tellAfterMs: 0 };
}

function silence(lanes: readonly LaneStatus[]): string {
  if (!lanes.every(({ code }) => isSilence(code))) return `No host can serve (${firstOf(lanes)}).`;
  const hosts = [...new Set(lanes.map(({ host }) => host))];
  return `No host answers (${firstFew(hosts.slice(0, NAMED), hosts.length)}).`;
}

/** The first host, with what it says of itself. */
function firstOf(lanes: readonly LaneStatus[]): string {
  const [first = '', ...others] = reasons(lanes);
  return `${first.replace(/\.$/, '')}${others.length === 0 ? '' : ' and others'}`;
}

function reasons(lanes: readonly LaneStatus[]): readonly string[] {
  return [...new Set(lanes.map(({ host, reason }) => ofHost(host, reason ?? 'no reason given')))];
}
