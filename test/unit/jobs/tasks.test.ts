import { describe, expect, it } from 'vitest';
import { TASKS } from '../../../jobs/tasks/registry.js';
import type { PromptChoice, TaskDefinition } from '../../../jobs/tasks/task.js';
import type { ModelAnswer, TaskName } from '../../../src/core/ask.js';

const NOBODY: PromptChoice = { userSystem: null, userPrompt: null, fixedOcrPrompt: null };

function anAnswer(changes: Partial<ModelAnswer> = {}): ModelAnswer {
  return {
    text: 'Hello',
    end: 'complete',
    tokens: { prompt: 1, output: 1 },
    timingMs: { load: null, prompt: null, generate: null },
    confidence: null,
    ...changes,
  };
}

// Proof, by the compiler, that a task without a definition does not compile.
// @ts-expect-error: caption is missing
({ ocr: TASKS.ocr }) satisfies Record<TaskName, TaskDefinition>;

describe('the tasks', () => {
  it('stand under their own names', () => {
    for (const [name, task] of Object.entries(TASKS)) expect(task.name).toBe(name);
  });

  it('are served by the engines that can do them', () => {
    expect(TASKS.ocr.engines).toEqual(['ollama', 'cpu-ocr']);
    expect(TASKS.caption.engines).toEqual(['ollama']);
  });
});

describe('the prompt of ocr', () => {
  it('asks for what is written and nothing else', () => {
    const { system, prompt } = TASKS.ocr.prompts(NOBODY);
    expect(system).toBeNull();
    for (const word of [
      'line',
      'spelling',
      'language',
      'translate',
      'summarise',
      'correct',
      'complete',
      '[?]',
      '[NO TEXT]',
    ]) {
      expect(prompt).toContain(word);
    }
  });

  it('is an OCR model’s own and nothing else', () => {
    expect(TASKS.ocr.prompts({ ...NOBODY, fixedOcrPrompt: 'Free OCR.' })).toEqual({
      system: null,
      prompt: 'Free OCR.',
    });
  });

  it('is the user’s where there is one', () => {
    const choice = { userSystem: 'Be brief.', userPrompt: 'Only the total.', fixedOcrPrompt: 'Free OCR.' };
    expect(TASKS.ocr.prompts(choice)).toEqual({ system: 'Be brief.', prompt: 'Only the total.' });
  });
});

describe('the prompt of caption', () => {
  it('is no OCR model’s prompt, and the user’s where there is one', () => {
    expect(TASKS.caption.prompts({ ...NOBODY, fixedOcrPrompt: 'Free OCR.' }).prompt).toContain('one clear sentence');
    expect(TASKS.caption.prompts({ ...NOBODY, userPrompt: 'What is it?' }).prompt).toBe('What is it?');
  });
});

describe('an answer', () => {
  const read = TASKS.ocr.readAnswer;

  it('that the model ended and that says something is ok, without the space around it', () => {
    expect(read(anAnswer({ text: '\n Hello\n  world \n' }))).toEqual({
      status: 'ok',
      text: 'Hello\n  world',
      warnings: [],
    });
  });

  it.each(['', ' \n\t '])('of %j is empty, never ok', (text) => {
    expect(read(anAnswer({ text }))).toMatchObject({ failure: { code: 'ANSWER_EMPTY' }, text: '' });
  });

  it('that ran into the token limit is truncated and keeps its text', () => {
    const reading = read(anAnswer({ text: 'Half of', end: 'length' }));
    expect(reading).toMatchObject({ failure: { code: 'ANSWER_TRUNCATED' }, text: 'Half of' });
  });

  it('that the server cut in the middle is truncated, even where nothing came', () => {
    expect(read(anAnswer({ text: 'Half of', end: 'cut' }))).toMatchObject({
      failure: { code: 'ANSWER_TRUNCATED' },
      text: 'Half of',
    });
    expect(read(anAnswer({ text: '', end: 'cut' }))).toMatchObject({ failure: { code: 'ANSWER_TRUNCATED' } });
  });

  it.each([
    ['a character', `Total ${'.'.repeat(60)}`],
    ['a word', `The ${'cat '.repeat(30)}`],
    ['a line', `Invoice\n${'item 1 | 2.00 | 2.00\n'.repeat(10)}`],
    ['a line, cut in its middle', `Invoice\n${'item 1 | 2.00 | 2.00\n'.repeat(10)}item 1 |`],
    [
      'a paragraph',
      `Start\n${`${'All work and no play makes Jack a dull boy. '.repeat(1)}${'x'.repeat(300)}\n`.repeat(4)}`,
    ],
  ])('that ended while it repeated %s is looped, whether the server cut it or the token limit', (_name, text) => {
    expect(read(anAnswer({ text, end: 'cut' }))).toMatchObject({ failure: { code: 'ANSWER_LOOPED' } });
    expect(read(anAnswer({ text, end: 'length' }))).toMatchObject({ failure: { code: 'ANSWER_LOOPED' } });
  });

  it('is not looped because it repeats itself twice', () => {
    const text = `${'All work and no play makes Jack a dull boy. '.repeat(2)}`;
    expect(read(anAnswer({ text, end: 'cut' }))).toMatchObject({ failure: { code: 'ANSWER_TRUNCATED' } });
  });

  it('of [NO TEXT] is blank, with a warning that the model said so', () => {
    expect(read(anAnswer({ text: ' [NO TEXT]\n' }))).toEqual({
      status: 'blank',
      text: '',
      warnings: ['said-by-model'],
    });
    expect(TASKS.caption.readAnswer(anAnswer({ text: '[NO TEXT]' }))).toMatchObject({ status: 'ok' });
    expect(read(anAnswer({ text: 'Sign: [NO TEXT]' }))).toMatchObject({ status: 'ok' });
  });

  it('of an engine that found nothing is blank, without that warning', () => {
    expect(read(anAnswer({ text: '', blank: true }))).toEqual({ status: 'blank', text: '', warnings: [] });
  });
});
