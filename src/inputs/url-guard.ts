import { type LookupAddress, lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { VisionError } from '../core/errors.js';
import { isPrivateAddress } from './private-address.js';
import { shownUrl } from './url-failures.js';

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

const FIX = 'Allow it, where the list of URLs is trusted: --allow-private-urls';

/**
 * Refuses what must not be asked for: another scheme than http and https, and an address that is not public. URL parsing
 * has already written every notation of an IPv4 address (`0x7f.1`, `2130706433`) with four numbers.
 *
 * Names are looked at by {@link guardedLookup}; no lookup is made for an address.
 *
 * @throws VisionError URL_FORBIDDEN
 */
export function mustBeAllowed(url: URL, { allowPrivate }: UrlGuardOptions): void {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new VisionError('URL_FORBIDDEN', `Expected the URL to be http or https, got ${shownUrl(url)}.`);
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (allowPrivate || isIP(host) === 0 || !isPrivateAddress(host)) return;
  throw new VisionError('URL_FORBIDDEN', `${shownUrl(url)} is not on the public internet.`, { fix: FIX });
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
