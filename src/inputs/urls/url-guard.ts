import { type LookupAddress, lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { VisionError } from '../../core/errors.js';
import { isPrivateAddress } from './private-address.js';
import { shownUrl } from './url-failures.js';
import { bareHost } from './url-proxy.js';

export interface UrlGuardOptions {
  /** Whether addresses that are not of the public internet may be reached. */
  readonly allowPrivate: boolean;
  /**
   * How names become addresses.
   *
   * @defaultValue the system's way
   */
  readonly lookup?: LookupFunction;
}

interface AskedHow extends Pick<UrlGuardOptions, 'allowPrivate'> {
  /** Whether a proxy looks the name up. */
  readonly isProxied: boolean;
}

const FIX = 'Allow it, where the list of URLs is trusted: --allow-private-urls';

/**
 * Names that are never of the public internet, with all below them; a proxy would look them up inside.
 * Sources: RFC 6761 §6.3 (localhost), RFC 6762 §3 (local) and appendix G (what private networks use), RFC 8375
 * (home.arpa); ICANN keeps `internal` for private use. `localdomain` is what systems call themselves.
 */
const PRIVATE_NAMES: readonly string[] = [
  ...['localhost', 'localdomain', 'local', 'internal', 'home.arpa'],
  ...['intranet', 'private', 'corp', 'home', 'lan'],
];

/** A last label that is a number makes a host an IPv4 address (WHATWG URL), which some would read as one. */
const NUMBER = /(^|\.)(\d+|0x[\da-f]*)$/i;

/**
 * Refuses what must not be asked for: another scheme than http and https, and a host that is not public. URL parsing has
 * already written every notation of an IPv4 address (`0x7f.1`, `2130706433`, `127。0。0。1`) with four numbers.
 *
 * Other names are looked at by {@link guardedLookup}; no lookup is made for an address. Where a proxy looks names up,
 * this is all that is checked, and a name of one label, which only an inner network knows, is refused, too.
 *
 * @throws VisionError URL_FORBIDDEN
 */
export function mustBeAllowed(url: URL, { allowPrivate, isProxied }: AskedHow): void {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw otherScheme(url);
  const host = bareHost(url);
  const isInside =
    isIP(host) === 0 ? isPrivateName(host) || (isProxied && !host.includes('.')) : isPrivateAddress(host);
  if (allowPrivate || !isInside) return;
  throw new VisionError('URL_FORBIDDEN', `${shownUrl(url)} is not on the public internet.`, { fix: FIX });
}

function isPrivateName(host: string): boolean {
  return NUMBER.test(host) || PRIVATE_NAMES.some((name) => host === name || host.endsWith(`.${name}`));
}

/** What is said of schemes that people write, each refused on purpose where a URL is fetched. */
function otherScheme(url: URL): VisionError {
  const refused = (sentence: string, fix: string) => new VisionError('URL_FORBIDDEN', sentence, { fix });
  switch (url.protocol) {
    case 'file:':
      return refused(`${shownUrl(url)}: a list of URLs must not reach the files of this machine.`, 'Write the path.');
    case 'ftp:':
      return refused(`${shownUrl(url)}: FTP is not spoken.`, 'Download the file, or serve it over https.');
    case 'data:':
      return refused('A data: URL holds the image itself and has no address to fetch from.', 'Put it into a manifest.');
    default:
      return new VisionError('URL_FORBIDDEN', `Expected the URL to be http or https, got ${shownUrl(url)}.`);
  }
}

/**
 * A lookup for sockets that fails with URL_FORBIDDEN where any address of the name is not public. As the socket connects
 * to the very addresses that were checked, a name that changes its address between check and use wins nothing.
 */
export function guardedLookup({ allowPrivate, lookup: resolve = lookup }: UrlGuardOptions): LookupFunction {
  if (allowPrivate) return resolve;
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, []);
      const addresses: LookupAddress[] = typeof found === 'string' ? [{ address: found, family: isIP(found) }] : found;
      const inside = addresses.find(({ address }) => isPrivateAddress(address));
      if (inside !== undefined) return callback(insideError(hostname, inside.address), []);
      const [first] = addresses;
      if (options.all === true || first === undefined) return callback(null, addresses);
      callback(null, first.address, first.family);
    });
  };
}

function insideError(hostname: string, address: string): VisionError {
  const sentence = `${hostname} has the address ${address}, which is not on the public internet.`;
  return new VisionError('URL_FORBIDDEN', sentence, { fix: FIX });
}
