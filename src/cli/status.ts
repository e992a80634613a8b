import { readingCommand } from './reading-command.js';

/** `visionbatch status RUN` */
export const status = readingCommand({
  name: 'status',
  examples: ['status out.csv', 'status out.csv --json'],
  load: async () => (await import('../app/status.js')).showStatus,
});
