import { describe, expect, it } from 'vitest';
import { TASKS } from '../../../../jobs/tasks/registry.js';
import type { TaskDefinition } from '../../../../jobs/tasks/task.js';
import { fillTemplate, templateNames } from '../../../../jobs/tasks/template.js';
import type { TaskName } from '../../../../src/core/ask.js';
import { aChoice, RECEIPT } from './choices.js';

// Proof, by the compiler, that a task without a definition does not compile.
// @ts-expect-error: caption and others are missing
({ ocr: TASKS.ocr }) satisfies Record<TaskName, TaskDefinition>;

describe('the tasks', () => {
  it('stand under their own names', () => {
    for (const [name, task] of Object.entries(TASKS)) expect(task.name).toBe(name);
  });

  it('are served by the engines that can do them', () => {
    expect(TASKS.ocr.engines).toEqual(['ollama', 'cpu-ocr']);
    for (const { name, engines } of Object.values(TASKS)) if (name !== 'ocr') expect(engines).toEqual(['ollama']);
  });

  it('never send an empty question, and none of their own words is taken for a name', () => {
    const choice = aChoice({ questions: ['What?'], labels: ['a', 'b'], schema: RECEIPT, lang: 'deu' });
    for (const task of Object.values(TASKS)) {
      const { prompt, system } = task.question(task.name === 'own' ? { ...choice, userPrompt: 'Do it.' } : choice);
      expect(prompt.trim()).not.toBe('');
      expect(templateNames(`${system ?? ''}${prompt}`)).toEqual([]);
    }
  });

  it('take the words of the user before their own', () => {
    const choice = aChoice({ userPrompt: 'Mine.', userSystem: 'Be brief.', labels: ['a', 'b'], schema: RECEIPT });
    for (const task of [TASKS.ocr, TASKS.caption, TASKS.compare, TASKS.classify, TASKS.extract, TASKS.own]) {
      const { prompt, system } = task.question({ ...choice, fixedOcrPrompt: 'Free OCR.' });
      expect(prompt).toMatch(/^Mine\./);
      expect(system).toBe('Be brief.');
    }
  });
});

describe('ocr', () => {
  it('asks for what is written and nothing else', () => {
    const { system, prompt, form } = TASKS.ocr.question(aChoice());
    expect([system, form]).toEqual([null, { kind: 'page', format: 'text' }]);
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

  it.each(['text', 'markdown', 'lines'] as const)('has words of its own for %s, and the same rules', (format) => {
    const { prompt, form } = TASKS.ocr.question(aChoice({ format }));
    expect(form).toEqual({ kind: 'page', format });
    expect(prompt).toContain('Do not translate, summarise, correct or complete anything');
    const others = (['text', 'markdown', 'lines'] as const).filter((other) => other !== format);
    for (const other of others) expect(TASKS.ocr.question(aChoice({ format: other })).prompt).not.toBe(prompt);
  });

  it('names the languages that the user named', () => {
    expect(TASKS.ocr.question(aChoice({ lang: 'deu+fra' })).prompt).toContain('The text is in German and French.');
    expect(TASKS.ocr.question(aChoice()).prompt).not.toContain('English');
  });

  it('asks an OCR model its own question and nothing else', () => {
    const choice = aChoice({ fixedOcrPrompt: 'Free OCR.', lang: 'deu', format: 'lines' });
    expect(TASKS.ocr.question(choice)).toMatchObject({ system: null, prompt: 'Free OCR.' });
  });
});

describe('caption', () => {
  it('has words of its own for each style, and no OCR model’s', () => {
    const words = (['short', 'detailed', 'alt'] as const).map(
      (style) => TASKS.caption.question(aChoice({ style, fixedOcrPrompt: 'Free OCR.' })).prompt,
    );
    expect(new Set(words).size).toBe(3);
    expect(words.join()).not.toContain('Free OCR.');
    expect(words[2]).toContain('125 characters');
  });
});

describe('ask', () => {
  it('is plain text where there is one question', () => {
    expect(TASKS.ask.question(aChoice({ questions: ['Who?'] }))).toEqual({
      system: null,
      prompt: 'Who?',
      form: { kind: 'text' },
    });
  });

  it('is a conversation where there are several, which the first one begins', () => {
    const questions = ['Who?', 'Where?'];
    expect(TASKS.ask.question(aChoice({ questions }))).toEqual({
      system: null,
      prompt: 'Who?',
      form: { kind: 'answers', questions },
    });
  });
});

describe('compare', () => {
  it('says where the images stand, where they are laid on one canvas', () => {
    expect(TASKS.compare.question(aChoice()).prompt).not.toContain('canvas');
    const { prompt } = TASKS.compare.question(aChoice({ stitch: true, userPrompt: 'Which is older?' }));
    expect(prompt).toMatch(/one canvas.*Which is older\?$/s);
  });
});

describe('classify', () => {
  it('lists the labels and no other', () => {
    const { prompt, form } = TASKS.classify.question(aChoice({ labels: ['cat', 'dog'] }));
    expect(prompt).toContain('- cat\n- dog\n');
    expect(prompt).not.toContain('other');
    expect(form).toEqual({ kind: 'labels', labels: ['cat', 'dog'], multi: false });
  });

  it('asks for every label that fits where several may', () => {
    const { prompt, form } = TASKS.classify.question(aChoice({ labels: ['cat', 'dog'], multi: true }));
    expect(prompt).toContain('empty list where none does');
    expect(form).toMatchObject({ multi: true });
  });

  it('puts a long list before the image, behind the user’s own system message', () => {
    const labels = Array.from({ length: 300 }, (_, at) => `label ${at}`);
    const { prompt, system } = TASKS.classify.question(aChoice({ labels, userSystem: 'You are a librarian.' }));
    expect(system).toMatch(/^You are a librarian\.\n\n.*- label 299\n/s);
    expect(prompt).toBe('Which label fits this image best?');
  });

  it('sends a label with braces as it is', () => {
    const { prompt } = TASKS.classify.question(aChoice({ labels: ['{{id}}', 'b'] }));
    expect(fillTemplate(prompt, { id: 'x' })).toContain('- {{id}}\n');
  });
});

describe('extract', () => {
  it('describes the fields, and asks for null instead of invention', () => {
    const { prompt, form } = TASKS.extract.question(aChoice({ schema: RECEIPT }));
    expect(prompt).toContain('shop (text): Name of the shop');
    expect(prompt).toContain('write null instead of a guess');
    expect(prompt).toContain('numbers as numbers');
    expect(form).toEqual({ kind: 'data', schema: RECEIPT, columns: null });
  });

  it('puts a long schema before the image', () => {
    const properties = Object.fromEntries(
      Array.from({ length: 60 }, (_, at) => [`field${at}`, { type: 'string', description: 'A field of the form' }]),
    );
    const { prompt, system } = TASKS.extract.question(aChoice({ schema: { type: 'object', properties } }));
    expect(system).toContain('field59');
    expect(prompt).toBe('Read the data out of this image.');
  });
});

describe('an own task', () => {
  it('is text without a schema, and data with one', () => {
    const words = { userPrompt: 'How is {{title}} packed?' };
    expect(TASKS.own.question(aChoice(words))).toEqual({
      system: null,
      prompt: 'How is {{title}} packed?',
      form: { kind: 'text' },
    });
    const { prompt, form } = TASKS.own.question(aChoice({ ...words, schema: RECEIPT, columns: ['total'] }));
    expect(prompt).toContain('total (number)');
    expect(form).toEqual({ kind: 'data', schema: RECEIPT, columns: ['total'] });
  });
});
