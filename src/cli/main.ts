#!/usr/bin/env node
import { reportFailure } from './failed.js';
import { failedFrom, runCli } from './program.js';
import { productVersion } from './version.js';

const args = process.argv.slice(2);
const io = { cwd: process.cwd(), stdout: process.stdout, stderr: process.stderr, version: productVersion() };

// A reader that has seen enough (`| head`) ends us well; a bug outside any await must not look like exit code 1.
process.stdout.on('error', (error) => endBy('code' in error && error.code === 'EPIPE' ? null : error));
process.on('uncaughtException', endBy);

process.exitCode = await runCli({ args, io, env: process.env });

function endBy(thrown: unknown): never {
  process.exit(thrown === null ? 0 : reportFailure(thrown, failedFrom({ args, io })));
}
