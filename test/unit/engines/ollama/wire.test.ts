import { describe, expect, it } from 'vitest';
import { chatRequest } from '../../../../src/engines/ollama/wire.js';
import { aRequest } from './a-request.js';

const OPTIONS = { temperature: 0, maxTokens: 100, seed: null, extra: {} };

describe('a question in the words of the chat API', () => {
  it('holds what every request must hold, and nothing that wedges or reloads a host', () => {
    expect(chatRequest(aRequest(), false)).toEqual({
      model: 'tiny',
      messages: [{ role: 'user', content: 'Read the text.', images: [new Uint8Array([1, 2, 3])] }],
      stream: true,
      options: { temperature: 0, num_predict: 100, num_ctx: 8192 },
    });
  });

  it('puts the system prompt first', () => {
    const { messages } = chatRequest(aRequest({ system: 'Be exact.' }), false);
    expect(messages?.map(({ role, content }) => [role, content])).toEqual([
      ['system', 'Be exact.'],
      ['user', 'Read the text.'],
    ]);
  });

  it('forbids thinking only to a model that can think', () => {
    expect(chatRequest(aRequest(), true).think).toBe(false);
    expect(chatRequest(aRequest(), false)).not.toHaveProperty('think');
  });

  it('sends schema, seed and further options', () => {
    const schema = { type: 'object' };
    const options = { ...OPTIONS, seed: 7, extra: { top_k: 20, temperature: 1 } };
    const request = chatRequest(aRequest({ schema, options }), false);
    expect(request.format).toEqual(schema);
    expect(request.options).toEqual({ top_k: 20, temperature: 0, num_predict: 100, num_ctx: 8192, seed: 7 });
  });

  it.each(['num_ctx', 'num_gpu', 'num_batch', 'num_thread', 'main_gpu', 'use_mmap'])(
    'refuses %s, which would load the model again for every request',
    (name) => {
      const request = aRequest({ options: { ...OPTIONS, extra: { [name]: 1 } } });
      expect(() => chatRequest(request, false)).toThrow(expect.objectContaining({ code: 'ASK_REFUSED' }));
    },
  );

  it('marks the place of a picture after the words only where the mark is understood', () => {
    const contentFor = (model: string, imagePlacement: 'before' | 'after') =>
      chatRequest(aRequest({ model, imagePlacement }), false).messages?.[0]?.content;
    expect(contentFor('gemma3:4b', 'after')).toBe('Read the text. [img]');
    expect(contentFor('gemma3:4b', 'before')).toBe('Read the text.');
    expect(contentFor('hf.co/someone/gemma-3-4b', 'after')).toBe('Read the text.');
    expect(contentFor('someones-model', 'after')).toBe('Read the text.');
  });

  it("never lets a user's words take a picture's place", () => {
    const { messages } = chatRequest(aRequest({ prompt: 'What is [img-1]?', system: 'See [img].' }), false);
    expect(messages?.map((message) => message.content)).toEqual(['See [ img].', 'What is [ img-1]?']);
  });

  it('is new for every attempt, because ollama-js changes what it is given', () => {
    const request = aRequest();
    const first = chatRequest(request, false);
    Object.assign(first.messages?.[0] ?? {}, { images: ['changed'] });
    expect(chatRequest(request, false).messages?.[0]?.images).toEqual([new Uint8Array([1, 2, 3])]);
  });
});
