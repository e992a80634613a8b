#!/usr/bin/env node
import { surroundingsOf } from '../../config/surroundings.js';
import { messageOf } from '../core/errors.js';
import { EXIT, ExitError } from '../core/exit.js';
import { reportFailure } from './failed.js';
import { failedFrom, runCli } from './program.js';
import { productVersion } from './version.js';

const args = process.argv.slice(2);
const io = {
  cwd: process.cwd(),
  stdout: process.stdout,
  stderr: process.stderr,
  version: productVersion(),
  surroundings: surroundingsOf(process.env),
};

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.ok); // a reader that has seen enough, as `| head`
  endBy(new ExitError(EXIT.output, `stdout cannot be written (${messageOf(error)})`, { cause: error }));
});
process.on('uncaughtException', endBy); // else Node would exit with 1, which means something else here

process.exitCode = await runCli({ args, io, env: process.env });

function endBy(thrown: unknown): never {
  process.exit(reportFailure(thrown, failedFrom({ args, io })));
}
