import { readingCommand } from './reading-command.js';

/** `visionbatch failures RUN` */
export const failures = readingCommand({
  name: 'failures',
  examples: ['failures out.csv', 'failures out.csv --json'],
  load: async () => (await import('../app/failures.js')).showFailures,
});
