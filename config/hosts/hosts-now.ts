import { withoutUserinfo } from '../../src/core/redact.js';
import type { Place } from '../place.js';
import type { Settings } from '../schema.js';
import { CPU } from './address.js';
import { type CommonDoor, withCommonDoor } from './door.js';
import type { HostSpec } from './host.js';
import { type HostsRead, readHostsFile } from './hosts-file.js';

/** What the settings say of hosts. */
export type HostSettings = CommonDoor & Pick<Settings, 'hosts' | 'hostsFile'>;

/**
 * The hosts as they are now: those that the start named, and those of the hosts file, which is read again.
 *
 * @param settings - of the start
 */
export async function hostsNow(settings: HostSettings, place: Pick<Place, 'variable'>): Promise<HostsRead> {
  const gathered = await gatherHosts(settings, place);
  const problem = 'hosts' in gathered ? togetherProblem(gathered.hosts) : null;
  return problem === null ? gathered : { problems: [`${settings.hostsFile}: ${problem}`] };
}

/** The same, with no look at how they go together. */
export async function gatherHosts(settings: HostSettings, place: Pick<Place, 'variable'>): Promise<HostsRead> {
  const { hosts, hostsFile } = settings;
  const named = hosts.filter(({ listed }) => !listed);
  const read = hostsFile === null ? { hosts: [] } : await readHostsFile(hostsFile, place);
  if (!('hosts' in read)) return read;
  return { hosts: [...named, ...read.hosts].map((host) => withCommonDoor(host, settings)) };
}

/** Why hosts cannot serve together, or null. */
export function togetherProblem(hosts: readonly HostSpec[]): string | null {
  const addresses = hosts.map(({ url }) => withoutUserinfo(url));
  const twice = addresses.find((address, index) => addresses.indexOf(address) !== index);
  if (twice !== undefined) return `Expected every host once, got ${twice} twice - slots=2 lets it serve two items`;
  return hosts.length > 1 && hosts.some(({ url }) => url === CPU)
    ? 'Expected cpu to stand alone, got it beside other hosts - they would write different rows into one run'
    : null;
}
