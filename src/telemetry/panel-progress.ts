import { createLogUpdate } from 'log-update';
import { byHost } from './hosts.js';
import { panelLines } from './panel.js';
import type { Progress, ProgressOptions } from './progress.js';
import { RateEstimator } from './rate.js';
import type { Snapshot } from './snapshot.js';

const PANEL_EVERY_MS = 100;
const HOST_RATE_WINDOW_MS = 60_000;

/** A panel that is drawn over itself. */
export class PanelProgress implements Progress {
  readonly #options: ProgressOptions;
  readonly #draw: ReturnType<typeof createLogUpdate>;
  readonly #rates = new Map<string, RateEstimator>();
  #lines: readonly string[] = [];
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#draw = createLogUpdate(options.stream as NodeJS.WriteStream);
  }

  update(snapshot: Snapshot): void {
    const nowMs = this.#options.clock();
    this.#observe(snapshot, nowMs);
    if (nowMs - this.#lastMs < PANEL_EVERY_MS) return;
    this.#lastMs = nowMs;
    const { columns = 80, rows = 24 } = this.#options.stream; // a pipe that was told to be a terminal
    this.#lines = panelLines(snapshot, { columns, rows, rateOf: (host) => this.#rates.get(host)?.perS ?? 0 });
    this.#draw(this.#lines.join('\n'));
  }

  note(line: string): void {
    this.#draw.clear();
    this.#options.stream.write(`${line}\n`);
    if (this.#lines.length > 0) this.#draw(this.#lines.join('\n'));
  }

  finish(): void {
    this.#draw.clear();
    this.#draw.done();
  }

  #observe({ lanes }: Snapshot, nowMs: number): void {
    for (const { host, done } of byHost(lanes)) {
      const known = this.#rates.get(host) ?? new RateEstimator(HOST_RATE_WINDOW_MS);
      known.observe(done, nowMs);
      this.#rates.set(host, known);
    }
  }
}
