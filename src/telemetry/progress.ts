import { jsonLine, plainLine } from './lines.js';
import type { Snapshot } from './snapshot.js';

export type ProgressMode = 'tty' | 'plain' | 'json' | 'none';

/** Tells people how far a run is. */
export interface Progress {
  /** The run as it is now. May be called as often as one likes. */
  update(snapshot: Snapshot): void;
  /** A line of its own, without its line end, that no panel tears. */
  note(line: string): void;
  /** Takes the panel away and gives the cursor back. Nothing may follow. */
  finish(): void;
}

export interface ProgressOptions {
  readonly mode: ProgressMode;
  readonly stream: NodeJS.WritableStream & { readonly columns?: number; readonly rows?: number };
  /** Between two lines; a panel is redrawn more often. */
  readonly everyMs: number;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

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

/** A line every so often, and at once when the run begins to wait or goes on. */
class LineProgress implements Progress {
  readonly #options: ProgressOptions;
  readonly #line: ((snapshot: Snapshot, atMs: number) => string) | null;
  readonly #noteLine: (line: string, atMs: number) => string;
  #lastMs: number;
  #waitingFor: string | null = null;

  constructor(
    options: ProgressOptions,
    line: ((snapshot: Snapshot, atMs: number) => string) | null,
    noteLine: (line: string, atMs: number) => string,
  ) {
    this.#options = options;
    this.#line = line;
    this.#noteLine = noteLine;
    this.#lastMs = options.clock();
  }

  update(snapshot: Snapshot): void {
    const nowMs = this.#options.clock();
    const changed = snapshot.waitingFor !== this.#waitingFor;
    if (this.#line === null || (!changed && nowMs - this.#lastMs < this.#options.everyMs)) return;
    this.#lastMs = nowMs;
    this.#waitingFor = snapshot.waitingFor;
    this.#options.stream.write(`${this.#line(snapshot, nowMs)}\n`);
  }

  note(line: string): void {
    this.#options.stream.write(`${this.#noteLine(line, this.#options.clock())}\n`);
  }

  finish(): void {}
}
