import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestFolder, testFolder, writeImages } from '../support/images.js';
import { type OllamaProcess, startOllamaProcess } from '../support/ollama/process.js';

const EXAMPLES = path.resolve(import.meta.dirname, '../../examples/library');

let folder: TestFolder;
let ollama: OllamaProcess;

beforeAll(async () => {
  folder = await testFolder();
  await writeImages(folder.path, 3);
  ollama = await startOllamaProcess({ hosts: [{ models: [{ name: 'gemma3', family: 'gemma3' }] }] });
});

afterAll(async () => {
  await ollama[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

/** Runs an example as its reader would; it must end by itself, without an error. Gives the lines that it prints. */
async function example(name: string, ...args: readonly string[]): Promise<readonly string[]> {
  await ollama.reset();
  const child = spawn(process.execPath, [path.join(EXAMPLES, name), ...args], {
    cwd: folder.path,
    env: { PATH: process.env.PATH ?? '', OLLAMA_HOST: ollama.urls[0] ?? '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = await exited;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.trimEnd().split('\n');
}

/** The messages of every question that the server got. */
async function asked(): Promise<readonly Message[][]> {
  const bodies = (await ollama.requests(0))
    .filter(({ isTrial }) => !isTrial)
    .map(({ body }) => body as { readonly messages?: Message[] } | null);
  return bodies.flatMap((body) => (body?.messages === undefined || body.messages.length === 0 ? [] : [body.messages]));
}

interface Message {
  readonly role: string;
  readonly content: string;
  readonly images?: readonly string[];
}

const IMAGE = 'd00/0000.png';

describe('the examples of the library', () => {
  it('describe an image as a path, base64, a data URL, bytes and a URL, all alike', async () => {
    const bytes = await readFile(folder.at(IMAGE));
    const web = createServer((_, response) => response.end(bytes));
    web.listen(0, '127.0.0.1');
    await once(web, 'listening');
    const { port } = web.address() as AddressInfo;
    const printed = (await example('describe.mjs', IMAGE, `http://127.0.0.1:${port}/a.png`)).join('\n');
    web.close();
    const said = printed.match(/(?<=^path: ).*\n.*\n.*$/m)?.[0] ?? 'nothing';
    expect(printed).toBe(['path', 'base64', 'data URL', 'bytes', 'URL'].map((form) => `${form}: ${said}`).join('\n'));
  });

  it('classify images by labels', async () => {
    expect(await example('classify.mjs', IMAGE, 'd00/0001.png')).toEqual([
      `${IMAGE}: invoice`,
      'd00/0001.png: invoice',
    ]);
  });

  it('compare several images in one request', async () => {
    expect((await example('compare.mjs', IMAGE, 'd00/0001.png')).join('\n')).toMatch(/^\w+ \w+/);
    const [messages] = await asked();
    expect(messages?.flatMap(({ images }) => images ?? [])).toHaveLength(2);
  });

  it('hold a conversation, whose every request has the image once, in its first message', async () => {
    const printed = await example('chat.mjs', IMAGE, 'What is this?', 'How old is it?');
    expect(printed.filter((line) => line.startsWith('user: '))).toEqual([
      'user: What is this?',
      'user: How old is it?',
    ]);
    const requests = await asked();
    expect(requests.map((messages) => messages.map(({ images = [] }) => images.length))).toEqual([[1], [1, 0, 0]]);
  });

  it('extract data of a schema by a task of their own', async () => {
    const printed = await example('extract.mjs', IMAGE, 'd00/0001.png');
    expect(printed.toSorted()).toEqual([
      expect.stringMatching(/^d00\/0000\.png: [a-z]+, \d+$/),
      expect.stringMatching(/^d00\/0001\.png: [a-z]+, \d+$/),
    ]);
    expect(JSON.stringify(await asked())).toContain('Read this receipt of Ada.');
  });

  it('read a folder page by page, and the second time ask nothing', async () => {
    const printed = await example('ocr-folder.mjs', 'd00', 'pages.jsonl');
    expect(printed).toHaveLength(4);
    expect(printed.slice(0, 3).toSorted()).toEqual(
      [0, 1, 2].map((n) => expect.stringMatching(`^000${n}.png: ok, \\d+`)),
    );
    expect(printed.at(-1)).toBe('finished: 3 of 3 pages are ok');
    expect(await asked()).toHaveLength(3);
    expect((await example('ocr-folder.mjs', 'd00', 'pages.jsonl')).toSorted()).toEqual(printed.toSorted());
    expect(await asked()).toEqual([]);
  });
});
