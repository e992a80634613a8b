import type { Settings } from '../schema.js';
import { CPU } from './address.js';
import { type Headers, header } from './headers.js';
import { credentialsOf, type HostSpec } from './host.js';

/** What holds for every host that says nothing else. */
export type CommonDoor = Pick<Settings, 'hostKey' | 'hostHeaders' | 'hostCa'>;

/** A host with what is common to all. What it says itself goes before it; who lets it in is one or the other. */
export function withCommonDoor(host: HostSpec, { hostCa, hostHeaders, hostKey }: CommonDoor): HostSpec {
  if (host.url === CPU) return host;
  const hasOwn = credentialsOf(host).length > 0;
  const common = Object.entries(hostHeaders).filter(
    ([name]) => header(host.headers, name) === undefined && !(hasOwn && name.toLowerCase() === 'authorization'),
  );
  const headers: Headers = { ...Object.fromEntries(common), ...host.headers };
  return { ...host, headers, key: hasOwn ? host.key : hostKey, ca: host.ca ?? (isSecure(host) ? hostCa : null) };
}

function isSecure({ url }: HostSpec): boolean {
  return url.startsWith('https:');
}
