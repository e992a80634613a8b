import type { Rule } from './rule.js';
import { CPU } from './schema.js';

/** What single tasks need, and what they cannot use. */
export const TASK_RULES: readonly Rule[] = [
  {
    keys: ['questions'],
    refuse: ({ settings, task }) =>
      task === 'ask' && settings.questions.length + settings.questionColumns.length === 0
        ? 'Expected at least one question, got none - add --question "What is in this image?"'
        : null,
  },
  {
    keys: ['questions'],
    refuse: ({ settings: { questions }, task }) => {
      const twice = questions.find((question, at) => questions.indexOf(question) !== at);
      return task === 'ask' && twice !== undefined
        ? `Expected every question once, got ${JSON.stringify(twice)} twice`
        : null;
    },
  },
  {
    keys: ['prompt'],
    refuse: ({ settings: { prompt }, task }) => {
      if (prompt === null || (task !== 'ask' && task !== 'own')) return null;
      return task === 'ask'
        ? 'Expected the words of ask as --question, got a prompt'
        : "Expected the prompt in the task's own file, got another beside it";
    },
  },
  {
    keys: ['promptColumn', 'prompt'],
    refuse: ({ settings: { prompt, promptColumn }, task }) => {
      if (promptColumn === null) return null;
      if (task === 'ask') return 'Expected the words of ask as --question-column, got a prompt column';
      if (task === 'own') return "Expected the prompt in the task's own file, got a column beside it";
      return prompt === null ? null : 'Expected a prompt or a column of prompts, got both';
    },
  },
  {
    keys: ['onRepeat'],
    refuse: ({ settings: { onRepeat }, task }) =>
      onRepeat === 'group' && task !== null && task !== 'compare'
        ? `Expected error or number for ${task === 'own' ? 'a task of your own' : task}, got group - only compare looks at several images together`
        : null,
  },
  {
    keys: ['labels', 'labelsColumn'],
    refuse: ({ settings: { labels, labelsColumn }, task }) => {
      if (task !== 'classify') return null;
      if (labelsColumn !== null) return labels.length > 0 ? 'Expected labels or a column of labels, got both' : null;
      return labels.length > 0
        ? null
        : 'Expected labels to choose from, got none - add --labels invoice,letter,other, or --labels-column COLUMN';
    },
  },
  {
    keys: ['schema'],
    refuse: ({ settings, task }) =>
      task === 'extract' && settings.schema === null
        ? 'Expected a schema, got none - add --schema FILE: JSON Schema in .json or .yaml, or a module with a zod type'
        : null,
  },
  {
    keys: ['verify', 'hosts'],
    refuse: ({ settings: { hosts, verify }, task }) =>
      task === 'ocr' && verify !== null && hosts.some(({ url }) => url === CPU)
        ? 'Expected a model to verify, got cpu as the host - the built-in OCR would confirm itself'
        : null,
  },
];
