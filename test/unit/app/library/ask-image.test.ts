import { writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type AskImageOptions, askImage, defineTask, type VisionBatchError } from '../../../../src/index.js';
import { testFolder, tinyPng } from '../../../support/images.js';
import type { AnswerRequest } from '../../../support/ollama/options.js';
import { type FakeOllama, startOllama } from '../../../support/ollama/server.js';
import { urlServer } from '../../inputs/urls/url-server.js';
import { line, pdf } from '../../pixels/formats/pdfs.js';

const PNG = await tinyPng(1);
const OTHER = await tinyPng(2);
const THREE_PAGES = pdf([1, 2, 3].map((page) => ({ content: line(`These are the words of page ${page}`) })));
const GEMMA = [{ name: 'gemma3', family: 'gemma3' }];

const host = (answer: (request: AnswerRequest) => string) => startOllama({ answer, models: GEMMA });

/** The messages of every question that the server got. */
function asked(ollama: FakeOllama): readonly unknown[] {
  return ollama.asks.map(({ body }) => (body as { readonly messages: unknown }).messages);
}

async function refusal(options: AskImageOptions<unknown>): Promise<VisionBatchError> {
  return await askImage(options).then(
    () => {
      throw new Error('Expected the call to be refused');
    },
    (error: VisionBatchError) => error,
  );
}

describe('an image', () => {
  it('is the same one as a path, a URL of any kind, base64 or bytes', async () => {
    await using folder = await testFolder();
    await using ollama = await host(() => 'A square.');
    await using web = await urlServer((_, response) => response.end(PNG));
    await writeFile(folder.at('a.png'), PNG);
    const base64 = PNG.toString('base64');
    const forms = [
      folder.at('a.png'),
      pathToFileURL(folder.at('a.png')),
      `${web.url}/a.png`,
      new URL(`${web.url}/a.png`),
      base64,
      `data:image/png;base64,${base64}`,
      PNG,
      new Uint8Array(PNG),
    ];
    const sources: unknown[] = [];
    for (const images of forms) {
      const options = { images, prompt: 'What is it?', host: ollama.url, allowPrivateUrls: true };
      const { record, status, text } = await askImage(options);
      expect({ status, text }).toEqual({ status: 'ok', text: 'A square.' });
      sources.push(record.source);
    }
    const [message] = asked(ollama);
    expect(asked(ollama)).toEqual(forms.map(() => message));
    const [path, url] = [folder.at('a.png'), `${web.url}/a.png`];
    expect(sources).toEqual([path, path, url, url, 'bytes', 'bytes', 'bytes', 'bytes']);
  });

  it.each([
    ['that is missing', './nowhere.png', 'IMAGE_MISSING'],
    ['on a private network', 'http://127.0.0.1:1/a.png', 'URL_FORBIDDEN'],
    ['whose base64 is broken', 'data:image/png;base64,%%%', 'IMAGE_UNREADABLE'],
    ['that is no image', Buffer.from('Dear all'), 'IMAGE_UNREADABLE'],
  ])('%s is told by its status, and no model is asked', async (_, images, code) => {
    await using ollama = await host(() => 'A square.');
    const result = await askImage({ images, prompt: 'What is it?', host: ollama.url });
    expect(result).toMatchObject({ status: 'failed', data: null, text: null, error: { code }, history: [] });
    expect(ollama.asks).toEqual([]);
  });

  it('may be one of several in one question, each announced before its own', async () => {
    await using ollama = await host(({ images }) => `${images.length} images`);
    const { text, record } = await askImage({ images: [PNG, OTHER], prompt: 'Which is older?', host: ollama.url });
    expect(text).toBe('2 images');
    expect(record.source).toEqual(['bytes', 'bytes']);
  });
});

describe('a question', () => {
  it('stands for itself, braces and all', async () => {
    await using ollama = await host(() => 'Yes.');
    await askImage({ images: PNG, prompt: 'Is {{this}} a template?', system: '{{x}}', host: ollama.url });
    expect(asked(ollama)).toMatchObject([[{ content: '{{x}}' }, { content: 'Is {{this}} a template?' }]]);
  });

  it('with a schema gets data of its type, after a second try where the first is wrong', async () => {
    const answers = ['{"total":"none"}', '{"total":7}'];
    await using ollama = await host(() => answers.shift() ?? '');
    const result = await askImage({
      images: PNG,
      prompt: 'Read this receipt.',
      schema: z.object({ total: z.number() }),
      host: ollama.url,
    });
    expect(result).toMatchObject({ status: 'ok', data: { total: 7 }, warnings: ['rescued:complaint'] });
    expect(ollama.asks).toHaveLength(2);
  });

  it('of a task of your own is asked as that task says', async () => {
    await using ollama = await host(() => '{"kind":"logo"}');
    const task = defineTask({ name: 'kind', prompt: 'What kind is it?', schema: z.object({ kind: z.string() }) });
    const result = await askImage({ images: PNG, task, host: ollama.url });
    expect(result).toMatchObject({ status: 'ok', data: { kind: 'logo' }, record: { task: 'kind' } });
  });

  it('of a built-in task has that task’s own words', async () => {
    await using ollama = await host(() => '{"label":"square"}');
    const result = await askImage({ images: PNG, task: 'classify', labels: ['square', 'disc'], host: ollama.url });
    expect(result).toMatchObject({ status: 'ok', label: 'square', data: null });
    expect(result.history.at(-1)).toEqual({ role: 'assistant', content: '{"label":"square"}' });
  });

  it('that is answered no good throws nothing: its text is kept, and the history is as before', async () => {
    await using ollama = await host(() => 'a word of many words');
    ollama.faults.add({ outcome: { kind: 'length', afterTokens: 2 } });
    const result = await askImage({ images: PNG, prompt: 'What is it?', maxTokens: 64, attempts: 1, host: ollama.url });
    expect(ollama.asks).toMatchObject([{ body: { options: { num_predict: 64 } } }]);
    expect(result).toMatchObject({ status: 'truncated', error: { code: 'ANSWER_TRUNCATED' }, history: [] });
    expect(result.text).toBe('a word');
  });
});

describe('a conversation', () => {
  it('goes on with its history, whose first message alone has the image', async () => {
    await using ollama = await host(({ prompt }) => (prompt.includes('colour') ? 'Red.' : 'A square.'));
    const first = await askImage({ images: PNG, prompt: 'What is it?', host: ollama.url });
    const second = await askImage({ history: first.history, prompt: 'What colour is it?', host: ollama.url });
    expect(second.history.map(({ role, content, images }) => [role, content, images])).toEqual([
      ['user', 'What is it?', [PNG]],
      ['assistant', 'A square.', undefined],
      ['user', 'What colour is it?', undefined],
      ['assistant', 'Red.', undefined],
    ]);
    expect(asked(ollama)[1]).toEqual([
      { role: 'user', content: 'What is it?', images: [expect.any(String)] },
      { role: 'assistant', content: 'A square.' },
      { role: 'user', content: 'What colour is it?' },
    ]);
  });

  it('has every answer to several questions', async () => {
    await using ollama = await host(({ prompt }) => (prompt.includes('Why?') ? 'It is.' : 'A square.'));
    const { answers, history } = await askImage({ images: PNG, question: ['What is it?', 'Why?'], host: ollama.url });
    expect(answers).toEqual([
      { question: 'What is it?', text: 'A square.' },
      { question: 'Why?', text: 'It is.' },
    ]);
    expect(history.map(({ content }) => content)).toEqual(['What is it?', 'A square.', 'Why?', 'It is.']);
  });

  it('takes a mark for an image’s place in earlier words as words', async () => {
    await using ollama = await host(() => 'A square.');
    const history = [
      { role: 'user', content: 'See [img-0]', images: [PNG] },
      { role: 'assistant', content: 'I see [img-0].' },
    ] as const;
    await askImage({ history, prompt: 'What?', host: ollama.url });
    expect(JSON.stringify(asked(ollama))).not.toContain('[img-0]');
  });
});

describe('a call that cannot be meant', () => {
  const user = { role: 'user', content: 'What?', images: [PNG] } as const;
  const assistant = { role: 'assistant', content: 'A square.' } as const;
  it.each<[AskImageOptions<unknown>, string]>([
    [{ prompt: 'What?' }, 'Expected `images` to hold an image, got none'],
    [{ images: PNG }, 'question: Expected at least one question'],
    [{ images: '', prompt: 'What?' }, 'Expected `images[0]` to be a path, a URL, base64 or bytes, got an empty one'],
    [{ images: PNG, prompt: ' ' }, 'question: Expected text'],
    [{ images: PNG, prompt: 'What?', question: 'Why?' }, 'Expected `prompt` or `question`, got both'],
    [{ images: PNG, prompt: 'What?', temperature: 3 }, 'temperature: Expected a number from 0 to 2, got 3'],
    [{ images: PNG, task: 'classify' }, 'labels: Expected labels to choose from'],
    [{ images: PNG, task: 'extract', prompt: 'What?' }, 'Expected `schema` to be a zod type, got none'],
    [{ images: PNG, task: 'ocr', schema: z.string() }, 'Expected `schema` with the task extract'],
    [{ images: PNG, prompt: 'What?', schema: z.date() }, 'schema: #: JSON has no value for this zod type (date)'],
    [{ images: PNG, prompt: 'What?', history: [user, assistant] }, 'Expected images in `images` or in `history`'],
    [{ prompt: 'What?', history: [user] }, "Expected `history` to end with the assistant's answer"],
    [{ prompt: 'What?', history: [assistant, user] }, 'Expected `history[0].role` to be user, got "assistant"'],
    [{ prompt: 'What?', history: [user, { ...assistant, images: [PNG] }] }, 'Expected `history[1]` to have no images'],
  ])('is refused before any host is asked: %#', async (options, message) => {
    await using ollama = await host(() => 'A square.');
    const error = await refusal({ ...options, host: ollama.url });
    expect(error).toMatchObject({ name: 'VisionBatchError', exitCode: 2 });
    expect(error.message).toContain(message);
    expect(ollama.requests).toEqual([]);
  });

  it.each([
    [{ images: THREE_PAGES, pages: '1-2' as '1' }, 'Expected `pages` to be one page'],
    [{ images: THREE_PAGES, pages: 4 }, 'Expected `pages` to be a page of bytes, which has 3, got 4'],
    [{ images: [PNG, PNG], pages: 1 }, 'Expected `pages` beside one image, got it beside 2'],
  ])('is refused for pages that it cannot be about: %#', async (options, message) => {
    await using ollama = await host(() => 'A square.');
    const error = await refusal({ ...options, prompt: 'What?', host: ollama.url });
    expect(error).toMatchObject({ exitCode: 2, message: expect.stringContaining(message) });
    expect(ollama.requests).toEqual([]);
  });

  it('is about the page of a document that it names', async () => {
    await using ollama = await host(() => 'Never asked.');
    const options = { images: THREE_PAGES, task: 'ocr', pdfText: 'prefer', host: ollama.url } as const;
    for (const pages of [2, '3'] as const) {
      const { text, record, warnings } = await askImage({ ...options, pages });
      expect([text, record.page, record.pages, warnings]).toEqual([
        `These are the words of page ${pages}`,
        Number(pages),
        3,
        [],
      ]);
    }
    const { text, warnings } = await askImage(options);
    expect([text, warnings]).toEqual(['These are the words of page 1', ['first-frame-only']]);
  });

  it('names an option that is not one, and the one that was meant', async () => {
    const options: AskImageOptions<null> = { images: PNG, prompt: 'What?' };
    const error = await refusal({ ...options, ...{ temprature: 1 } });
    expect(error.message).toBe('temprature: no such option - did you mean temperature ?');
  });

  it('is refused with several hosts, of which it would be for one', async () => {
    const options: AskImageOptions<null> = { images: PNG, prompt: 'What?' };
    const hosts: object = { host: ['http://127.0.0.1:1', 'http://127.0.0.1:2'] };
    const error = await refusal({ ...options, ...hosts });
    expect(error).toMatchObject({ exitCode: 2, message: 'Expected `host` to be one Ollama server or cpu, got 2' });
  });

  it('is refused where the model takes one image only', async () => {
    await using ollama = await startOllama({ models: [{ name: 'llava', family: 'llama' }] });
    const error = await refusal({ images: [PNG, OTHER], prompt: 'Which?', host: ollama.url });
    expect(error).toMatchObject({ exitCode: 2, message: 'Expected at most 1 images for llava:latest, got 2' });
  });
});

describe('a host', () => {
  it('that is not there is an error with exit code 3', async () => {
    const error = await refusal({ images: PNG, prompt: 'What?', model: 'gemma3', host: 'http://127.0.0.1:1' });
    expect(error).toMatchObject({ exitCode: 3, code: 'HOST_UNREACHABLE' });
  });

  it('without the model is an error with exit code 3', async () => {
    await using ollama = await host(() => '');
    const error = await refusal({ images: PNG, prompt: 'What?', model: 'nothing', host: ollama.url });
    expect(error).toMatchObject({ exitCode: 3, code: 'MODEL_MISSING' });
  });

  it('that dies of a request is asked again', async () => {
    await using ollama = await host(() => 'A square.');
    ollama.faults.add({ outcome: { kind: 'crash', afterTokens: 0 }, times: 1 });
    expect(await askImage({ images: PNG, prompt: 'What?', host: ollama.url })).toMatchObject({ status: 'ok' });
  });
});

describe('a signal', () => {
  it('ends the call with its reason, and the server sees the connection close', async () => {
    await using ollama = await host(() => 'A square.');
    ollama.faults.add({ outcome: { kind: 'hang', afterTokens: 0 } });
    const stop = new AbortController();
    const call = askImage({ images: PNG, prompt: 'What?', host: ollama.url, signal: stop.signal });
    await expect.poll(() => ollama.asks.length).toBe(1);
    stop.abort(new Error('enough'));
    await expect(call).rejects.toThrow('enough');
    await expect.poll(() => ollama.asks[0]?.aborted, { timeout: 1_000 }).toBe(true);
  });

  it('that has fired already asks nobody', async () => {
    await using ollama = await host(() => 'A square.');
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(askImage({ images: PNG, prompt: 'What?', host: ollama.url, signal })).rejects.toThrow('enough');
    expect(ollama.requests).toEqual([]);
  });
});
