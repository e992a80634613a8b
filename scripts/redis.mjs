// Finds a Redis for the tests, or installs one.
import { installed, onPath } from './debian.mjs';
import { say } from './steps.mjs';

const SERVERS = ['redis-server', 'valkey-server'];

/** Whether the tests have a Redis: a server on PATH, one that REDIS_URL names, or one that apt-get can install. */
export async function findRedis() {
  if (SERVERS.some(onPath)) return true;
  if (process.env.REDIS_URL) {
    say('No redis-server on PATH: tests that kill a Redis fail; the others use REDIS_URL.');
    return true;
  }
  if (await installed('redis-server')) return true;
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
