import { Command } from 'commander';
import { EXIT, type ExitCode } from '../core/exit.js';
import { COMMANDS, type CommandEntry } from './commands.js';
import { type Failed, reportFailure } from './failed.js';
import type { Shell } from './shell.js';

const EXAMPLES = `Examples:
  visionbatch ocr ./scans -o out.csv --host cpu
  visionbatch ocr ./scans -o out.csv --model qwen2.5vl:7b --host http://gpu1:11434 --host http://gpu2:11434
  visionbatch caption './catalog/**/*.jpg' -o captions.jsonl
  visionbatch extract ./receipts --schema receipt.json -o receipts.csv
`;

const EXIT_CODES = `
Exit codes:
  0    every row is ok           4    nothing matched the inputs
  1    some rows are not ok      5    an output cannot be written
  2    usage or configuration    6    another process works on the run
  3    a dependency is missing   70   a bug of visionbatch
  130  stopped by Ctrl-C         143  stopped by SIGTERM
The same command again continues what was stopped.
`;

export interface CliOptions extends Omit<Shell, 'exit'> {
  /** Arguments after the program's own name. */
  readonly args: readonly string[];
}

/**
 * Runs one command line to its end. Whatever is thrown ends here: this is the one place that turns it into words on
 * stderr and an exit code.
 */
export async function runCli({ args, io, env }: CliOptions): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok;
  try {
    const exit = (ended: ExitCode): void => {
      code = ended;
    };
    const entry = COMMANDS.find(({ name }) => name === commandNamed(args));
    const program = await buildProgram(entry, { io, env, exit });
    await program.parseAsync(entry === undefined ? args : await inFull(args), { from: 'user' });
    return code;
  } catch (thrown) {
    return reportFailure(thrown, failedFrom({ args, io }));
  }
}

/** How a failure of this command line is to be told. */
export function failedFrom({ args, io }: Pick<CliOptions, 'args' | 'io'>): Failed {
  return { stderr: io.stderr, version: io.version, withStack: args.includes('-v') || args.includes('--verbose') };
}

async function buildProgram(named: CommandEntry | undefined, shell: Shell): Promise<Command> {
  const { stdout, stderr, version } = shell.io;
  const program = new Command('visionbatch')
    .description(
      'Folders of images in, one row each out: whatever the vision models of your Ollama hosts can be asked.',
    )
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this')
    .exitOverride() // before the commands, which copy it
    .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stderr.write(text) })
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', EXIT_CODES);
  for (const entry of COMMANDS) {
    const { name, summary } = entry;
    const command = program.command(name).description(summary).showHelpAfterError(`(visionbatch ${name} --help)`);
    if (entry === named) (await entry.load())(command, shell);
  }
  return program;
}

/** `ocr …` and `help ocr` name ocr. */
function commandNamed(args: readonly string[]): string | undefined {
  const [first, second] = args.filter((arg) => !arg.startsWith('-'));
  return first === 'help' ? second : first;
}

async function inFull(args: readonly string[]): Promise<string[]> {
  const options = await import('./setting-options.js'); // with the whole schema: not for the first help
  return options.inFull(args);
}
