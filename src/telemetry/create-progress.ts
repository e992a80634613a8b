import { LineProgress } from './line-progress.js';
import { jsonLine, plainLine } from './lines.js';
import type { Progress, ProgressMode, ProgressOptions } from './progress.js';

/** What is known of the stream and the environment, where `auto` has to be decided. */
export interface TerminalFacts {
  readonly isTty: boolean;
  /** Whether the environment says that this is a build server (`CI`). */
  readonly ci: boolean;
  /** `TERM`, or null where it is not set. */
  readonly term: string | null;
}

/** `auto` is a live panel on a terminal that can move its cursor and is watched by someone, else plain lines. */
export function resolveProgressMode(setting: ProgressMode | 'auto', facts: TerminalFacts): ProgressMode {
  if (setting !== 'auto') return setting;
  return facts.isTty && !facts.ci && facts.term !== 'dumb' ? 'tty' : 'plain';
}

/** Progress on a stream, as a live panel, as a line now and then, as JSON lines, or not at all. */
export async function createProgress(options: ProgressOptions): Promise<Progress> {
  if (options.mode === 'tty') {
    const { PanelProgress } = await import('./panel-progress.js'); // its package takes longer to load than a line to write
    return new PanelProgress(options);
  }
  if (options.mode === 'plain') return new LineProgress(options, plainLine, (line) => line);
  if (options.mode === 'json') return new LineProgress(options, jsonLine, jsonNote);
  return new LineProgress(options, null, (line) => line);
}

/** A log line that is JSON already becomes part of the note. */
function jsonNote(line: string, atMs: number): string {
  const note = { event: 'note', at: new Date(atMs).toISOString() };
  return JSON.stringify({ ...note, ...(line.startsWith('{"') ? (JSON.parse(line) as object) : { message: line }) });
}
