import type { Progress, ProgressOptions } from './progress.js';
import type { Snapshot } from './snapshot.js';

/** A line every so often, and at once when the run begins to wait or goes on. */
export class LineProgress implements Progress {
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
