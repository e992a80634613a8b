import process from 'node:process';

// A thread that ends its process, whatever the other one does, once the process that started it has gone.

const LOOK_EVERY_MS = 1_000;
const parentPid = Number(process.argv[2]);

setInterval(() => {
  if (process.ppid !== parentPid) process.kill(process.pid, 'SIGKILL');
}, LOOK_EVERY_MS);
