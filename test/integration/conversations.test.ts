import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../../src/core/fingerprint.js';
import { chatsOf, imagesSent } from '../support/ollama/wire.js';
import { aPage, aScene, type Scene } from './scene.js';

const QUESTIONS = ['What is on the table?', 'What colour is it?', 'Is it old?'] as const;
const ANSWERS = ['A lamp.', 'It is red.', 'Yes, very.'] as const;
const ASK = ['ask', 'scans', ...QUESTIONS.flatMap((question) => ['--question', question])];

/** Answers the last question that a request holds. */
const answer = ({ prompt }: { readonly prompt: string }) =>
  ANSWERS[QUESTIONS.findLastIndex((question) => prompt.includes(question))] ?? '';

const wordsOf = (scene: Scene) =>
  chatsOf(scene.ollama.asks).map(({ messages }) => messages.map(({ role, content }) => `${role}: ${content}`));

const CONVERSATION = QUESTIONS.flatMap((question, at) => [`user: ${question}`, `assistant: ${ANSWERS[at]}`]);

describe('several questions about an image', () => {
  it('are one conversation: every request holds all of it, and one image, in its first user message', async () => {
    await using scene = await aScene({ answer });
    const image = sha256Hex(await scene.write('scans/a.png', await aPage(1)));
    const [row] = await scene.rows(0, ...ASK, '--system', 'Be brief.', '-o', 'out.csv');
    const answers = QUESTIONS.map((question, at) => ({ question, text: ANSWERS[at] }));
    expect(row).toMatchObject({ status: 'ok', text: null, answers, attempts: 3 });

    const system = 'system: Be brief.';
    const told = [1, 3, 5].map((turns) => [system, ...CONVERSATION.slice(0, turns)]);
    expect(wordsOf(scene)).toEqual(told);
    for (const { messages } of chatsOf(scene.ollama.asks)) {
      const firstOfUser = messages.findIndex(({ role }) => role === 'user');
      expect(messages.map(({ images }) => images)).toEqual(
        messages.map((_, at) => (at === firstOfUser ? [image] : [])),
      );
    }

    const [head = '', line = ''] = (await readFile(scene.folder.at('out.csv'), 'utf8')).split('\n');
    for (const question of QUESTIONS) expect(head).toContain(question);
    expect(head.split(',').filter((column) => column.includes('?'))).toHaveLength(QUESTIONS.length);
    expect(line).toContain(ANSWERS.map((text) => (text.includes(',') ? `"${text}"` : text)).join(','));
  });

  it('keep the answers before one that fails, and take its status', async () => {
    await using scene = await aScene({ answer });
    await scene.write('scans/a.png', await aPage(1));
    scene.ollama.faults.add({ outcome: { kind: 'loop', text: ' red and' }, prompt: QUESTIONS[1] });
    const [row] = await scene.rows(1, ...ASK);
    expect(row).toMatchObject({
      status: 'looped',
      error: { code: 'ANSWER_LOOPED' },
      answers: [{ question: QUESTIONS[0], text: ANSWERS[0] }],
      text: expect.stringMatching(/^ red and/),
    });
    expect(wordsOf(scene).flat()).not.toContain(`user: ${QUESTIONS[2]}`);
    const tries = (await scene.attempts('a.png')).map(({ change, code }) => [change, code]);
    expect(tries).toEqual([
      [null, null],
      [null, 'ANSWER_LOOPED'],
      ['penalty', 'ANSWER_LOOPED'],
      ['smaller', 'ANSWER_LOOPED'],
    ]);
  });

  it('go on with the third as the ask stands where the second was won by a changed one', async () => {
    await using scene = await aScene({ answer });
    await scene.write('scans/a.png', await aPage(1));
    scene.ollama.faults.add({ outcome: { kind: 'empty' }, prompt: QUESTIONS[1], times: 1 });
    const [row] = await scene.rows(0, ...ASK);
    expect(row).toMatchObject({ status: 'ok', warnings: ['rescued:warmer'], attempts: 4 });
    expect(chatsOf(scene.ollama.asks).map(({ options }) => options.temperature)).toEqual([0, 0, 0.2, 0]);
  });
});

describe('a group of images', () => {
  const COMPARE = ['compare', 'scans', '--group-by', 'folder'];

  it.each(['rendered', 'native'] as const)('is one request, in order, with text between them: %s', async (path) => {
    await using scene = await aScene({ models: [{ name: 'gemma3', path }] });
    const images: string[] = [];
    for (const at of [1, 2, 3]) images.push(sha256Hex(await scene.write(`scans/g/${at}.png`, await aPage(at))));
    const [row] = await scene.rows(0, ...COMPARE);
    expect(row).toMatchObject({ status: 'ok', source: ['g/1.png', 'g/2.png', 'g/3.png'] });
    const [chat, ...others] = chatsOf(scene.ollama.asks);
    expect(others).toEqual([]);
    expect(chat && imagesSent(chat)).toEqual(images);
    if (path === 'native') expect(chat?.messages.every((message) => message.images.length <= 1)).toBe(true);
    const text = chat?.messages.map(({ content }) => content).join('\n');
    const mark = path === 'native' ? '' : '\\n\\[img\\]';
    expect(text).toMatch(new RegExp([1, 2, 3].map((at) => `Image ${at}:${mark}\\n`).join('')));
  });

  it('is one image on one canvas for a model that takes no more', async () => {
    await using scene = await aScene({ models: [{ name: 'moondream' }] });
    for (const at of [1, 2]) await scene.write(`scans/g/${at}.png`, await aPage(at));
    const [row] = await scene.rows(0, ...COMPARE, '--stitch');
    expect(row).toMatchObject({ status: 'ok', source: ['g/1.png', 'g/2.png'] });
    const [chat] = chatsOf(scene.ollama.asks);
    expect(chat && imagesSent(chat)).toHaveLength(1);
    expect(chat?.messages[0]?.content).toContain('on one canvas');
  });
});
