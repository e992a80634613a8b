import { readingCommand } from './reading-command.js';

/** `visionbatch export RUN` */
export const exportRows = readingCommand({
  name: 'export',
  examples: ['export out.csv', 'export out.csv -o all.jsonl'],
  load: async () => (await import('../app/export.js')).exportRun,
});
