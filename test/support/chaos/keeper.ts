import { setTimeout as sleep } from 'node:timers/promises';
import type { CliEnd, CliProcess } from '../cli.js';
import { until } from '../runs.js';
import type { Span } from './overruns.js';

export interface KeeperOptions {
  readonly name: string;
  readonly start: () => CliProcess;
  /** Whether a life that ended by itself is rightly begun again, as a service manager would. */
  readonly excuses: (end: CliEnd) => boolean;
}

/** Before a process that was excused is started again. */
const EXCUSED_MS = 500;

/** A command that is started again whenever it is killed. */
export class Keeper implements AsyncDisposable {
  readonly name: string;
  /** How it ended by itself, for good. */
  readonly end: Promise<CliEnd>;
  readonly #options: KeeperOptions;
  readonly #lives: CliProcess[] = [];
  readonly #freezes: Span[] = [];
  #awayMs: number | null = null;
  #hasEnded = false;
  #isStopping = false;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.name = options.name;
    this.#lives.push(options.start());
    this.end = this.#keep();
  }

  /** The process as it runs now. */
  get process(): CliProcess {
    const life = this.#lives.at(-1);
    if (life === undefined) throw new Error('Expected a process that was started');
    return life;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** When it was frozen. */
  get freezes(): readonly Span[] {
    return this.#freezes;
  }

  /** What its lives said, the first one first. */
  get said(): string {
    return this.#lives.map(({ stderr }, life) => `--- ${this.name}, life ${life + 1}\n${stderr}`).join('\n');
  }

  /** kill -9; starts it again after so long, and resolves then. */
  async kill(awayMs: number): Promise<void> {
    const life = this.process;
    this.#awayMs = awayMs;
    life.kill('SIGKILL');
    await until(() => this.#hasEnded || this.process !== life, `${this.name} to be started again`);
  }

  async freeze(forMs: number): Promise<void> {
    const { process } = this;
    process.kill('SIGSTOP');
    const fromMs = Date.now();
    await sleep(forMs);
    this.#freezes.push({ fromMs, toMs: Date.now() });
    process.kill('SIGCONT');
  }

  /** Asks it to stop, once it has said that it is at work; returns how it ended. */
  async stop(atWork: RegExp): Promise<CliEnd> {
    await until(() => this.#hasEnded || atWork.test(this.process.stderr), `${this.name} to be at work`);
    this.#isStopping = true;
    this.process.kill('SIGTERM');
    return this.end;
  }

  /** Ends it for good, whatever state it is in. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopping = true;
    this.process.kill('SIGKILL');
    await this.end;
  }

  async #keep(): Promise<CliEnd> {
    for (;;) {
      const end = await this.process.end;
      const wasKilled = end.signal === 'SIGKILL' && this.#awayMs !== null;
      if (this.#isStopping || !(wasKilled || this.#options.excuses(end))) {
        this.#hasEnded = true;
        return end;
      }
      await sleep(wasKilled ? (this.#awayMs ?? 0) : EXCUSED_MS);
      this.#awayMs = null;
      if (this.#isStopping) return end;
      this.#lives.push(this.#options.start());
    }
  }
}
