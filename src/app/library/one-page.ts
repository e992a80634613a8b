import type { PageRange } from '../../../config/page-ranges.js';
import type { SourceRef } from '../../core/item.js';
import type { Pixels } from '../../pixels/prepare.js';
import { usageError } from './errors.js';
import type { OpenSources } from './one-source.js';

/** Which page of one document is asked about; `pages` where it was counted. */
export interface ChosenPage {
  readonly page: number;
  readonly pages?: number;
}

/** What a page is looked for in. */
export interface Document {
  readonly ranges: readonly PageRange[] | null;
  readonly sources: OpenSources;
  readonly pixels: Pick<Pixels, 'pagesOf'>;
  readonly signal: AbortSignal;
}

/** The page that `pages` names; the first where nothing does. Throws VisionBatchError 2 for several, or one that is not there. */
export async function chosenPage({ ranges, sources, pixels, signal }: Document): Promise<ChosenPage> {
  if (ranges === null) return { page: 1 };
  const page = onlyPage(ranges);
  const [ref, ...others] = sources.refs;
  if (ref === undefined || others.length > 0) {
    throw usageError(`Expected \`pages\` beside one image, got it beside ${sources.refs.length}`);
  }
  const pages = await countOf(ref, { sources, pixels, signal });
  if (pages === null) return { page: 1 }; // reading it says why
  if (page <= pages) return { page, pages };
  throw usageError(`Expected \`pages\` to be a page of ${sources.names[0]}, which has ${pages}, got ${page}`);
}

async function countOf(ref: SourceRef, { sources, pixels, signal }: Omit<Document, 'ranges'>): Promise<number | null> {
  try {
    return await pixels.pagesOf((await sources.open(ref, { signal })).bytes, { frames: 'first' });
  } catch {
    signal.throwIfAborted();
    return null;
  }
}

function onlyPage(ranges: readonly PageRange[]): number {
  const [range, ...others] = ranges;
  if (range !== undefined && others.length === 0 && range.first === range.last) return range.first;
  const fix = 'Ask about each page by itself, or use `runBatch`.';
  throw usageError('Expected `pages` to be one page, such as 2: a question is about one, got several', fix);
}
