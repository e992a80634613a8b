import { bareAddress } from '../../core/bare-address.js';
import { type FailureCode, toVisionError } from '../../core/errors.js';
import { EXIT, ExitError } from '../../core/exit.js';
import { columnsIn } from './archive.js';
import { isZipped, looseMembers } from './archive-members.js';
import { UrlBytes, type UrlBytesSource } from './url-bytes.js';

/** An archive at an address, that is named itself: a folder of its own. */
export interface UrlArchive {
  readonly kind: 'url-archive';
  /** The address without credentials and query, which may be other ones every night. */
  readonly given: string;
  readonly url: string;
  /** Columns that its images carry, in order, each once: those of the first of them. */
  readonly columns: readonly string[];
}

/** Files that are looked at for columns: those of a data set are alike, and what is listed twice is fetched twice. */
const MOST_LOOKED_AT = 1_000;

const MAY_COME: ReadonlySet<FailureCode> = new Set(['URL_FETCH', 'IMAGE_FORBIDDEN', 'STORAGE_FORBIDDEN']);

/**
 * Looks at an archive that an address names.
 *
 * @throws ExitError 3 where its server does not give it now, 2 where it never will
 */
export async function openUrlArchive(from: UrlBytesSource): Promise<UrlArchive> {
  const { url } = from;
  const given = bareAddress(url);
  try {
    const bytes = await UrlBytes.open(from);
    const columns = (await isZipped(bytes)) ? [] : await columnsIn(looseMembers(bytes, bytes.version), MOST_LOOKED_AT);
    return { kind: 'url-archive', given, url, columns };
  } catch (thrown) {
    const { code, sentence } = toVisionError(thrown);
    throw new ExitError(MAY_COME.has(code) ? EXIT.dependency : EXIT.usage, sentence, { cause: thrown });
  }
}
