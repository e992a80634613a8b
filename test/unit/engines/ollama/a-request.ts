import type { ModelRequest } from '../../../../src/core/ask.js';

/** A question to a model, changed where a test cares. */
export function aRequest(changes: Partial<ModelRequest> = {}): ModelRequest {
  return {
    model: 'tiny',
    system: null,
    prompt: 'Read the text.',
    images: [{ bytes: new Uint8Array([1, 2, 3]), width: 1, height: 1 }],
    imagePlacement: 'before',
    lang: 'eng',
    schema: null,
    options: { temperature: 0, maxTokens: 100, seed: null, extra: {} },
    numCtx: 8192,
    ...changes,
  };
}
