import { expect, it } from 'vitest';
import { SentImages } from '../../../../src/engines/ollama/sent-images.js';
import { MarkingOllama } from '../../../../src/engines/ollama/transport.js';

/** A client and the bodies that it hands to its fetch, as they are sent. */
function aClient() {
  const images = new SentImages();
  const sent: unknown[] = [];
  const fetch = async (_: unknown, init?: RequestInit) => {
    const body = images.body(String(init?.body));
    sent.push(JSON.parse(Buffer.from(body).toString('utf8')));
    return Response.json({});
  };
  return { client: new MarkingOllama({ host: 'http://gpu1:11434', fetch }, images), sent };
}

const bytes = (length: number) => Uint8Array.from({ length }, (_, at) => at % 256);
const base64 = (image: Uint8Array) => Buffer.from(image).toString('base64');

it('a request holds each image in base64 at its place, whatever the words around it are', async () => {
  const { client, sent } = aClient();
  const pictures = [bytes(0), bytes(1), bytes(2), bytes(3), bytes(70_000)];
  const content = 'Größe in ㎜ 🖼, "quoted" \\ and \u2028';
  await client.chat({
    model: 'tiny',
    messages: [
      { role: 'system', content },
      { role: 'user', content, images: pictures.slice(0, 3) },
      { role: 'user', content, images: pictures.slice(3) },
    ],
  });
  expect(sent).toEqual([
    {
      model: 'tiny',
      stream: false,
      messages: [
        { role: 'system', content },
        { role: 'user', content, images: pictures.slice(0, 3).map(base64) },
        { role: 'user', content, images: pictures.slice(3).map(base64) },
      ],
    },
  ]);
});

it('the next request of the same client has its own images, or none', async () => {
  const { client, sent } = aClient();
  const ask = (images: Uint8Array[]) =>
    client.chat({ model: 'tiny', messages: [{ role: 'user', content: '?', images }] });
  await ask([bytes(5)]);
  await ask([]);
  await ask([bytes(7), bytes(8)]);
  const imagesOf = (body: unknown) => (body as { messages: { images: string[] }[] }).messages[0]?.images;
  expect(sent.map(imagesOf)).toEqual([[base64(bytes(5))], [], [base64(bytes(7)), base64(bytes(8))]]);
});

it('a part of a larger buffer is sent as that part', async () => {
  const { client, sent } = aClient();
  const images = [bytes(100).subarray(10, 20)];
  await client.chat({ model: 'tiny', messages: [{ role: 'user', content: '?', images: [...images] }] });
  expect(sent).toMatchObject([{ messages: [{ images: images.map(base64) }] }]);
});
