// Builds and runs benchmarks: npm run bench [NAME…]
import { spawnSync } from 'node:child_process';

const run = (command, args) =>
  spawnSync(command, args, { stdio: 'inherit', shell: process.platform === 'win32' }).status ?? 1;

process.exitCode =
  run('npm', ['run', '-s', 'build']) || run(process.execPath, ['dist/test/bench/main.js', ...process.argv.slice(2)]);
