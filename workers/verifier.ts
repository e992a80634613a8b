import { createHash } from 'node:crypto';
import pLimit from 'p-limit';
import type { Ask, ModelImage, ModelRequest } from '../src/core/ask.js';
import { messageOf } from '../src/core/errors.js';
import type { Verification } from '../src/core/record.js';
import type { Logger } from '../src/core/telling.js';
import { wordAgreement } from '../src/core/word-agreement.js';
import type { Engine } from '../src/engines/engine.js';

/** What a second reading says of the first. */
export interface Verified {
  readonly verification: Verification | null;
  readonly warnings: readonly string[];
}

/** A page as a model read it. */
export interface ReadPage {
  readonly key: string;
  readonly image: ModelImage;
  readonly text: string;
}

/** Reads the page again and compares. Null for a page that is not in the sample. Never throws. */
export type VerifyText = (page: ReadPage, signal: AbortSignal) => Promise<Verified | null>;

export interface VerifierOptions {
  /** An engine that cannot invent. */
  readonly engine: Engine;
  /** Pages it reads at once. */
  readonly slots: number;
  /** Share of the pages that are read again, 0…1, chosen by their keys. */
  readonly share: number;
  readonly ask: Ask;
  readonly logger: Logger;
}

/** Below this the two readings have too little in common. */
const LEAST_AGREEMENT = 0.5;

/** Reads pages a second time on idle cores. It never changes a status: a low agreement is a warning. */
export function createVerifier({ ask, engine, logger, share, slots }: VerifierOptions): VerifyText {
  const limit = pLimit(slots);
  return async (page, signal) => {
    if (!isInSample(page.key, share)) return null;
    try {
      const text = await limit(() => readAgain(engine, requestFor(ask, page.image), signal));
      const verification = wordAgreement(page.text, text);
      return { verification, warnings: verification.agreement < LEAST_AGREEMENT ? ['not-confirmed'] : [] };
    } catch (thrown) {
      if (!signal.aborted) logger.warn(`${page.key} was not read a second time: ${messageOf(thrown)}`);
      return { verification: null, warnings: ['not-verified'] };
    }
  };
}

async function readAgain(engine: Engine, request: ModelRequest, signal: AbortSignal): Promise<string> {
  for await (const delta of engine.ask(request, signal)) if ('answer' in delta) return delta.answer.text;
  throw new Error('The engine ended without an answer.');
}

function requestFor(ask: Ask, image: ModelImage): ModelRequest {
  return {
    model: null,
    profile: ask.profile,
    system: null,
    messages: [{ role: 'user', text: ask.prompt }],
    images: [image],
    lang: ask.lang,
    schema: null,
    options: ask.options,
    numCtx: 0,
    wantsConfidence: false,
  };
}

/** The same pages in every start: a key's hash decides. */
function isInSample(key: string, share: number): boolean {
  return createHash('sha256').update(key).digest().readUInt32BE(0) / 2 ** 32 < share;
}
