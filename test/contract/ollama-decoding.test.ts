import { describe, expect, it } from 'vitest';
import { type FakeOllama, startOllama } from '../support/ollama/server.js';
import { imageOfBytes } from './ollama-images.js';
import { chat } from './ollama-wire.js';

describe('images', () => {
  const statusOf = async (server: FakeOllama, image: string | Buffer) => {
    const content = typeof image === 'string' ? image : image.toString('base64');
    const messages = [{ role: 'user', content: 'read', images: [content] }];
    const { status, body } = await chat(server.url, { model: 'tiny', messages, stream: false });
    return { status, error: (JSON.parse(body) as { error?: string }).error };
  };

  it('are read as by a real decoder: a cut PNG is refused, a cut JPEG is not, a TIFF never', async () => {
    await using server = await startOllama();
    expect(await statusOf(server, imageOfBytes('png', 400))).toMatchObject({ status: 200 });
    expect(await statusOf(server, imageOfBytes('png', 400).subarray(0, 300))).toMatchObject({ status: 400 });
    expect(await statusOf(server, imageOfBytes('jpeg', 400).subarray(0, 300))).toMatchObject({ status: 200 });
    expect(await statusOf(server, Buffer.from('49492a0008000000', 'hex'))).toMatchObject({ status: 400 });
  });

  it('depend on the version for WebP', async () => {
    const still = imageOfBytes('webp', 400);
    still[20] = 0; // no animation
    await using old = await startOllama({ version: '0.32.13' });
    await using young = await startOllama({ version: '0.32.14' });
    expect(await statusOf(old, still)).toMatchObject({ status: 400 });
    expect(await statusOf(young, still)).toMatchObject({ status: 200 });
  });

  it('are refused with the place where base64 went wrong, as Go counts', async () => {
    await using server = await startOllama();
    const offsets: Readonly<Record<string, number>> = {
      'https://x': 5,
      'QUJ DRA=': 3,
      QUJDRA: 4,
      'QUJDRA=': 7,
      'QUJDR-A=': 5,
      'QUI=QUJD': 4,
    };
    for (const [image, offset] of Object.entries(offsets)) {
      const error = `illegal base64 data at input byte ${offset}`;
      expect(await statusOf(server, image), image).toEqual({ status: 400, error });
    }
  });

  it('that do not fit the context are refused, counted by their pixels', async () => {
    const models = [{ name: 'tiny', imageTokens: { block: 28, min: 8, max: 16_384 } }];
    await using server = await startOllama({ models });
    const large = imageOfBytes('jpeg', 400);
    large.writeUInt16BE(2800, 7); // height
    large.writeUInt16BE(2800, 9); // width
    expect(await statusOf(server, large)).toMatchObject({
      status: 400,
      error: expect.stringMatching(/request \(100\d\d tokens\) exceeds the available context size \(4096 tokens\)/),
    });
  });
});
