import { instructed } from './instructions.js';
import { labelLines, labelsPlace } from './row-labels.js';
import type { TaskDefinition } from './task.js';

/** Which of the user's labels fit an image. There is no label that the user did not list. */
export const classify: TaskDefinition = {
  name: 'classify',
  engines: ['ollama'],
  defaultMaxTokens: 256,
  question: ({ userSystem, userPrompt, labels, labelsFrom, multi }) => {
    const prompt = userPrompt ?? (multi ? 'Which labels fit this image?' : 'Which label fits this image best?');
    const list = labelsFrom === null ? labelLines(labels) : labelsPlace(labelsFrom);
    const answer = multi
      ? 'Answer with JSON: {"labels": […]} with every label that fits, each once, or an empty list where none does.'
      : 'Answer with JSON: {"label": "…"} with exactly one label.';
    const words = instructed(
      { system: userSystem, prompt },
      `These are the labels, to be written exactly so:\n${list}\n${answer}`,
    );
    return { ...words, form: { kind: 'labels', labels, multi, ...(labelsFrom === null ? {} : { labelsFrom }) } };
  },
};
