import type { AskOptions, ChatTurn, ModelRequest } from '../../../../src/core/ask.js';
import type { RequestProfile } from '../../../../src/core/model-profile.js';

/** A question to a model, changed where a test cares. */
export function aRequest(changes: Partial<ModelRequest> = {}): ModelRequest {
  return {
    model: 'tiny',
    profile: aRequestProfile(),
    system: null,
    messages: [user('Read the text.')],
    images: [anImage(1)],
    lang: 'eng',
    schema: null,
    options: someOptions(),
    numCtx: 8192,
    wantsConfidence: false,
    ...changes,
  };
}

export function aRequestProfile(changes: Partial<RequestProfile> = {}): RequestProfile {
  return { family: 'unknown', imagePlacement: 'before', rendered: false, maxImages: 8, ...changes };
}

export function someOptions(changes: Partial<AskOptions> = {}): AskOptions {
  return { temperature: 0, maxTokens: 100, seed: null, repeatPenalty: null, stop: [], extra: {}, ...changes };
}

/** An image of one byte. */
export function anImage(byte: number): ModelRequest['images'][number] {
  return { bytes: new Uint8Array([byte]), width: 1, height: 1 };
}

export function user(text: string): ChatTurn {
  return { role: 'user', text };
}

export function assistant(text: string): ChatTurn {
  return { role: 'assistant', text };
}
