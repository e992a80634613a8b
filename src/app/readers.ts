import type { ItemReaders } from '../../workers/item-images.js';
import type { Root } from '../core/item.js';
import { type SourceReaderOptions, sourceLook, sourceReader } from '../inputs/open.js';
import { recentSources } from '../inputs/recent-sources.js';
import { MAX_SOURCE_BYTES } from './parts.js';

/** Documents that are kept while their pages are asked: hosts ask for pages of neighbours at the same time. */
const RECENT_SOURCES = 4;
const RECENT_BYTES = 2 * MAX_SOURCE_BYTES;

/** Opens sources under the roots, and keeps the last ones that have several pages. */
export function readersOf(roots: readonly Root[], urls: SourceReaderOptions['urls']): ItemReaders {
  const open = sourceReader(roots, { maxBytes: MAX_SOURCE_BYTES, urls });
  const openPages = recentSources({
    read: open,
    look: sourceLook(roots),
    maxSources: RECENT_SOURCES,
    maxBytes: RECENT_BYTES,
  });
  return { open, openPages };
}
