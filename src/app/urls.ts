import type { Settings } from '../../config/schema.js';
import type { Addresses } from '../inputs/addresses.js';
import { createS3 } from '../inputs/s3/s3-client.js';
import { isS3Url } from '../inputs/s3/s3-url.js';
import type { UrlReader } from '../inputs/urls/reader.js';
import { createUrlReader } from '../inputs/urls/url-reader.js';
import type { Io } from './io.js';
import { MAX_SOURCE_BYTES } from './parts.js';
import type { Resources } from './resources.js';

/** What fetching one image may take, redirects included. */
const URL_TIMEOUT_MS = 60_000;
const MOST_REDIRECTS = 5;

/** Reads what other machines hold: `http:`, `https:`, `s3:`. */
export type Urls = UrlReader & Addresses;

/** Opens no socket before the first use; closed with the resources. */
export function openUrls(
  settings: Pick<Settings, 'allowPrivateUrls' | 'siteConcurrency' | 'siteDelayMs'>,
  { surroundings, version }: Pick<Io, 'surroundings' | 'version'>,
  resources: Resources,
): Urls {
  const bounds = { maxBytes: MAX_SOURCE_BYTES, timeoutMs: URL_TIMEOUT_MS };
  const web = createUrlReader({
    ...bounds,
    maxRedirects: MOST_REDIRECTS,
    allowPrivate: settings.allowPrivateUrls,
    siteConcurrency: settings.siteConcurrency,
    siteDelayMs: settings.siteDelayMs ?? 0,
    proxies: surroundings.proxies,
    userAgent: `visionbatch/${version}`,
  });
  const s3 = createS3({ ...bounds, endpoint: surroundings.s3Endpoint });
  const readerOf = (url: string): UrlReader => (isS3Url(url) ? s3 : web);
  resources.defer(() => web.close());
  resources.defer(() => s3.close());
  return {
    s3,
    read: (url, how) => readerOf(url).read(url, how),
    readIfChanged: (url, known, signal) => readerOf(url).readIfChanged(url, known, signal),
    close: async () => void (await Promise.all([web.close(), s3.close()])),
  };
}
