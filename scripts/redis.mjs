// Finds a Redis for the tests, or installs one.

import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { capture, problemOf, say, step } from './steps.mjs';

const SERVERS = ['redis-server', 'valkey-server'];

/** Whether the tests have a Redis: a server on PATH, one that REDIS_URL names, or one that apt-get can install. */
export async function findRedis() {
  if (SERVERS.some(onPath)) return true;
  if (process.env.REDIS_URL) {
    say('No redis-server on PATH: tests that kill a Redis fail; the others use REDIS_URL.');
    return true;
  }
  if (process.getuid?.() === 0 && onPath('apt-get') && (await step('apt-get install redis-server', installRedis)))
    return true;
  say(
    [
      'The tests need a Redis. Do one of these and start again:',
      '  sudo apt-get install redis-server      Debian, Ubuntu, WSL',
      '  sudo dnf install valkey                Fedora',
      '  brew install valkey                    macOS',
      '  REDIS_URL=redis://127.0.0.1:6379 npm test',
    ].join('\n'),
  );
  return false;
}

function onPath(name) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => isExecutable(join(folder, name)));
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function installRedis() {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return (
    problemOf(capture('apt-get', ['update', '-qq'], { env })) ??
    problemOf(capture('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'redis-server'], { env }))
  );
}
