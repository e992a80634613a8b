#!/usr/bin/env node
import { Console } from 'node:console';
import { surroundingsOf } from '../../config/surroundings.js';
import { EXIT } from '../core/exit.js';
import { reportFailure } from './failed.js';
import { failedFrom, runCli } from './program.js';
import { StdoutWatch } from './stdout.js';
import { productVersion } from './version.js';

/** What a reader gets to take the last rows that a stop left in the pipe, and whatever still runs gets to end. */
const LAST_MS = 2_000;

const args = process.argv.slice(2);
const watch = new StdoutWatch(process.stdout, { onGone: () => process.exit(EXIT.ok), onBroken: endBy });
const io = {
  cwd: process.cwd(),
  stdin: () => process.stdin,
  stdout: process.stdout,
  outliveStdout: () => watch.outlive(),
  abandonStdout: () => watch.abandon(),
  stderr: process.stderr,
  version: productVersion(),
  surroundings: surroundingsOf(process.env),
};

process.stderr.on('error', () => {}); // nobody listens any more, as `2>&1 | head`: no reason to end a run
process.on('uncaughtException', endBy); // else Node would exit with 1, which means something else here

Object.assign(console, new Console(process.stderr)); // rows alone go to stdout, and a user's own check may print

// The AWS SDK would tell whoever lists S3 storage for which versions of Node its own next versions are.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

process.exitCode = await runCli({ args, io, env: process.env });
if (watch.isAbandoned) endSoon();
else process.stdout.write('', endSoon); // called when the last row has been taken

/** Node would wait for the reader of a pipe, who may never come, and for what a user's own check left running. */
function endSoon(): void {
  setTimeout(() => process.exit(), LAST_MS).unref();
}

function endBy(thrown: unknown): never {
  process.exit(reportFailure(thrown, failedFrom({ args, io })));
}
