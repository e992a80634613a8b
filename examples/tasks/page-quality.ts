import { z } from 'zod';

/** A task of your own as a module: how well a scanned page can be read. Its zod type may check what a schema cannot say. */
export default {
  name: 'page-quality',
  prompt: 'Judge how well this scanned page can be read.',
  schema: z
    .object({
      legible: z.int().min(0).max(100).describe('Share of the words that can be read, in percent'),
      faults: z
        .array(z.enum(['blurred', 'faint', 'skewed', 'cut off', 'stained', 'empty']))
        .max(6)
        .describe('What makes it hard to read'),
      scanAgain: z.boolean().describe('Whether a new scan would help'),
    })
    .refine((page) => page.legible === 100 || page.faults.length > 0, 'Expected a fault where not all is legible'),
  columns: ['legible', 'scanAgain', 'faults'],
  maxTokens: 200,
};
