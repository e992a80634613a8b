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
