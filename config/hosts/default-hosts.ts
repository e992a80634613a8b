import type { Origin } from '../layer.js';
import { DEFAULT } from '../resolve.js';
import type { Settings } from '../schema.js';
import type { CommandName } from '../setting.js';
import { LOCAL_ADDRESS, ollamaAddress } from './address.js';
import { bareHost, type HostSpec } from './host.js';

/** Hosts that nobody named one by one. */
export interface DefaultHosts {
  readonly hosts: readonly HostSpec[];
  readonly origin: Origin;
  readonly problems: readonly string[];
}

/** Who starts, and where. */
interface Starting {
  readonly command: CommandName;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * The hosts where none were named: beside a hosts file none, else `OLLAMA_HOST`, else this machine. A coordinator on
 * Redis serves none by default: its workers do.
 */
export function defaultHosts(
  { hostsFile, redis }: Pick<Settings, 'hostsFile' | 'redis'>,
  { command, env }: Starting,
): DefaultHosts {
  if (hostsFile !== null) return { hosts: [], origin: { kind: 'file', where: hostsFile }, problems: [] };
  if (command !== 'worker' && command !== 'models' && redis !== null)
    return { hosts: [], origin: DEFAULT, problems: [] };
  const variable = env.OLLAMA_HOST;
  if (!variable) return { hosts: [bareHost(LOCAL_ADDRESS)], origin: DEFAULT, problems: [] };
  const origin: Origin = { kind: 'environment', where: 'OLLAMA_HOST' };
  const address = ollamaAddress(variable);
  if (address !== null) return { hosts: [bareHost(address)], origin, problems: [] };
  const problem = `OLLAMA_HOST: Expected an address such as 127.0.0.1:11434, got ${JSON.stringify(variable)}`;
  return { hosts: [], origin, problems: [problem] };
}
