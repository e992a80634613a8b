import type { Carry } from '../jobs/vision-job.js';
import type { Ask, ModelAnswer } from '../src/core/ask.js';
import type { Change } from '../src/core/changes.js';
import type { ItemImages } from './item-images.js';
import { moreTokens, planOf } from './plan.js';

export interface AllowsOptions {
  readonly ask: Ask;
  readonly numCtx: number;
  readonly images: Pick<ItemImages, 'allowsHalves' | 'allowsSmaller'>;
  /** As of the try that failed. */
  readonly carry: Carry;
  /** What it was answered; null where no answer came. */
  readonly answer: ModelAnswer | null;
}

/** Which changes make sense for an item after a try that failed. */
export function allowsAfter({ answer, ask, carry, images, numCtx }: AllowsOptions): (change: Change) => boolean {
  const { options, scale } = planOf(carry.changes, ask.options, numCtx);
  return (change) => {
    switch (change) {
      case 'more-tokens':
        return moreTokens(options.maxTokens, numCtx) > options.maxTokens && !fillsContext(answer, numCtx);
      case 'halves':
        return ask.form.kind === 'page' && images.allowsHalves;
      case 'smaller':
        return images.allowsSmaller(scale);
      case 'complaint':
        return carry.complaint !== undefined;
      default:
        return true;
    }
  };
}

/** Whether an answer ended at the wall of the context, so that a longer one has no room. */
function fillsContext(answer: ModelAnswer | null, numCtx: number): boolean {
  const { prompt = null, output = null } = answer?.tokens ?? {};
  return prompt !== null && output !== null && prompt + output >= numCtx;
}
