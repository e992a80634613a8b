import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const REPOSITORY = path.resolve(
  path.dirname(fileURLToPath(import.meta.url)),
  process.env.VITEST ? '../..' : '../../..',
);

/** The built command line, as `npm test` has built it. */
export const CLI = path.join(REPOSITORY, 'dist/src/cli/main.js');

export interface CliOptions {
  readonly cwd: string;
  /** Added to a bare environment: nothing of the developer's own settings reaches the child. */
  readonly env?: Readonly<Record<string, string>>;
  readonly uid?: number;
}

/** How a child ended. */
export interface CliEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The built CLI as a child process that a test can watch and kill. */
export class CliProcess {
  readonly child: ChildProcess;
  readonly end: Promise<CliEnd>;
  #stdout = '';
  #stderr = '';
  #news: (() => void)[] = [];

  constructor(args: readonly string[], options: CliOptions) {
    const env = { PATH: process.env.PATH ?? '', HOME: options.cwd, NO_COLOR: '1', ...options.env };
    const uid = options.uid === undefined ? {} : { uid: options.uid };
    this.child = spawn(process.execPath, [CLI, ...args], {
      cwd: options.cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...uid,
    });
    this.child.stdout?.on('data', (chunk: Buffer) => this.#hear(() => (this.#stdout += chunk.toString())));
    this.child.stderr?.on('data', (chunk: Buffer) => this.#hear(() => (this.#stderr += chunk.toString())));
    this.end = once(this.child, 'close').then(([code, signal]) => {
      this.#hear(() => {});
      return {
        code: code as number | null,
        signal: signal as NodeJS.Signals | null,
        stdout: this.#stdout,
        stderr: this.#stderr,
      };
    });
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Resolves when stderr matches; rejects, with what was said, when the process ends before. */
  async says(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.#stderr)) {
      if (this.child.exitCode !== null || this.child.signalCode !== null) {
        throw new Error(`The process ended without saying ${pattern}. It said:\n${this.#stderr}`);
      }
      await new Promise<void>((resolve) => this.#news.push(resolve));
    }
  }

  #hear(take: () => void): void {
    take();
    const waiting = this.#news;
    this.#news = [];
    for (const resolve of waiting) resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill('SIGKILL');
    await this.end;
  }
}

export function startCli(args: readonly string[], options: CliOptions): CliProcess {
  return new CliProcess(args, options);
}

/** Runs the built CLI to its end. */
export function runCli(args: readonly string[], options: CliOptions): Promise<CliEnd> {
  return startCli(args, options).end;
}
