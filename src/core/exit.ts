/** Exit codes of the command line, as documented in README. 0 and 1 speak of all rows of the run. */
export const EXIT = {
  ok: 0,
  someNotOk: 1,
  usage: 2,
  dependency: 3,
  nothingMatched: 4,
  output: 5,
  locked: 6,
  bug: 70,
  interrupted: 130,
  terminated: 143,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends the command with an exit code, a sentence on what is wrong and, where there is one, the fix. */
export class ExitError extends Error {
  override readonly name = 'ExitError';
  readonly exitCode: ExitCode;
  readonly fix: string | undefined;

  constructor(
    exitCode: ExitCode,
    message: string,
    options: { readonly fix?: string | undefined; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.exitCode = exitCode;
    this.fix = options.fix;
  }
}
