import type { ResolvedInput } from './resolve.js';

/**
 * The order in which inputs are looked through: tables first, then listed items, then the rest, each as given. So what
 * has a key that somebody chose is known before the files are met, and a file that a row names is that row, wherever
 * it stands among the inputs.
 */
export function readingOrder(inputs: readonly ResolvedInput[]): readonly ResolvedInput[] {
  return inputs.toSorted((a, b) => rankOf(a) - rankOf(b));
}

function rankOf({ kind }: ResolvedInput): number {
  if (kind === 'manifest') return 0;
  return kind === 'items' ? 1 : 2;
}
