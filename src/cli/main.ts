#!/usr/bin/env node
import { surroundingsOf } from '../../config/surroundings.js';
import { EXIT } from '../core/exit.js';
import { reportFailure } from './failed.js';
import { failedFrom, runCli } from './program.js';
import { StdoutWatch } from './stdout.js';
import { productVersion } from './version.js';

/** What a reader gets to take the last rows that a stop left in the pipe. */
const LAST_ROWS_MS = 2_000;

const args = process.argv.slice(2);
const watch = new StdoutWatch(process.stdout, { onGone: () => process.exit(EXIT.ok), onBroken: endBy });
const io = {
  cwd: process.cwd(),
  stdout: process.stdout,
  outliveStdout: () => watch.outlive(),
  abandonStdout: () => watch.abandon(),
  stderr: process.stderr,
  version: productVersion(),
  surroundings: surroundingsOf(process.env),
};

process.stderr.on('error', () => {}); // nobody listens any more, as `2>&1 | head`: no reason to end a run
process.on('uncaughtException', endBy); // else Node would exit with 1, which means something else here

process.exitCode = await runCli({ args, io, env: process.env });
// Node would wait for the reader of a pipe, who may never come.
if (watch.isAbandoned) setTimeout(() => process.exit(), LAST_ROWS_MS).unref();

function endBy(thrown: unknown): never {
  process.exit(reportFailure(thrown, failedFrom({ args, io })));
}
