import { describe, expect, it } from 'vitest';
import { Formats } from '../../../../src/engines/ollama/formats.js';
import { chatRequest } from '../../../../src/engines/ollama/wire.js';
import { anImage, aRequest, someOptions } from './a-request.js';

const asked = (changes: Parameters<typeof aRequest>[0] = {}, thinks = false) =>
  chatRequest(aRequest(changes), { thinks, formatOf: new Formats().of });

describe('a question in the words of the chat API', () => {
  it('holds what every request must hold, and nothing that wedges or reloads a host', () => {
    expect(asked()).toEqual({
      model: 'tiny',
      messages: [{ role: 'user', content: 'Read the text.', images: [new Uint8Array([1])] }],
      stream: true,
      truncate: false,
      options: { temperature: 0, num_predict: 100, num_ctx: 8192 },
    });
  });

  it('forbids thinking only to a model that can think', () => {
    expect(asked({}, true).think).toBe(false);
    expect(asked({}, false)).not.toHaveProperty('think');
  });

  it('asks for log-probabilities where confidence is wanted', () => {
    expect(asked({ wantsConfidence: true }).logprobs).toBe(true);
  });

  it('sends seed, penalty, stop texts and further options, its own before those', () => {
    const extra = { top_k: 20, temperature: 1, repeat_penalty: 1.3 };
    expect(asked({ options: someOptions({ seed: 7, extra }) }).options).toEqual({
      top_k: 20,
      temperature: 0,
      num_predict: 100,
      num_ctx: 8192,
      seed: 7,
      repeat_penalty: 1.3,
    });
    expect(asked({ options: someOptions({ repeatPenalty: 1.15, stop: ['```'], extra }) }).options).toMatchObject({
      repeat_penalty: 1.15,
      stop: ['```'],
    });
  });

  it.each(['num_ctx', 'num_gpu', 'num_batch', 'num_thread', 'main_gpu', 'use_mmap'])(
    'refuses %s, which would load the model again for every request',
    (name) => {
      const options = someOptions({ extra: { [name]: 1 } });
      expect(() => asked({ options })).toThrow(expect.objectContaining({ code: 'ASK_REFUSED' }));
    },
  );

  it("sends a schema as far as the server's grammar takes it, reduced once", () => {
    const schema = { type: 'object', properties: { a: { type: 'string', pattern: '^.$' } }, required: ['a'] };
    const { of } = new Formats();
    const first = chatRequest(aRequest({ schema }), { thinks: false, formatOf: of });
    expect(first.format).toMatchObject({ type: 'object', properties: { a: { type: 'string' } }, required: ['a'] });
    expect(JSON.stringify(first.format)).not.toContain('pattern');
    expect(chatRequest(aRequest({ schema }), { thinks: false, formatOf: of }).format).toBe(first.format);
  });

  it('refuses a schema that no server takes, with the path of the bad part', () => {
    const schema = { type: 'object', properties: { a: { $ref: 'https://example.org/a.json' } } };
    expect(() => asked({ schema })).toThrow(
      expect.objectContaining({ code: 'ASK_REFUSED', sentence: expect.stringContaining('#/properties/a') }),
    );
  });

  it('is new for every attempt, because ollama-js changes what it is given', () => {
    const request = aRequest({ images: [anImage(1)] });
    const first = chatRequest(request, { thinks: false, formatOf: new Formats().of });
    Object.assign(first.messages?.[0] ?? {}, { images: ['changed'] });
    const second = chatRequest(request, { thinks: false, formatOf: new Formats().of });
    expect(second.messages?.[0]?.images).toEqual([new Uint8Array([1])]);
  });
});
