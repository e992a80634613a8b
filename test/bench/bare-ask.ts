import { readFile } from 'node:fs/promises';
import { type Agent, request } from 'undici';

export const MODEL = 'tiny';
export const PROMPT = 'Read the text.';

export interface BareAsk {
  readonly url: string;
  readonly dispatcher: Agent;
  readonly file: string;
}

/** Asks one host about one file with as little as can be: the least that any client pays. */
export async function askBare({ url, dispatcher, file }: BareAsk): Promise<string> {
  const images = [(await readFile(file)).toString('base64')];
  const body = JSON.stringify({
    model: MODEL,
    messages: [{ role: 'user', content: PROMPT, images }],
    stream: true,
    options: { temperature: 0, num_predict: 512, num_ctx: 8192 },
  });
  const headers = { 'Content-Type': 'application/json' };
  const response = await request(`${url}/api/chat`, { dispatcher, method: 'POST', headers, body });
  let text = '';
  for (const line of (await response.body.text()).split('\n')) {
    if (line !== '') text += (JSON.parse(line) as { message: { content: string } }).message.content;
  }
  return text;
}
