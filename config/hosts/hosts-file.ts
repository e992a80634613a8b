import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf } from '../../src/core/errors.js';
import { redact } from '../../src/core/redact.js';
import { several } from '../kinds.js';
import type { Place } from '../place.js';
import { parseRaw, readRaw } from '../resolve.js';
import { HOST, type HostSpec } from './host.js';

/** Hosts, or why there are none, without a secret. */
export type HostsRead = { readonly hosts: readonly HostSpec[] } | { readonly problems: readonly string[] };

const HOSTS = several(HOST);

/**
 * Reads a hosts file: a list of entries in YAML or JSON, as `hosts` in a configuration file has them. File names in it are
 * relative to it.
 */
export async function readHostsFile(file: string, { variable }: Pick<Place, 'variable'>): Promise<HostsRead> {
  const read = await hostsOf(file, variable);
  return 'hosts' in read ? read : { problems: read.problems.map(redact) };
}

async function hostsOf(file: string, variable: Place['variable']): Promise<HostsRead> {
  const folder = dirname(file);
  const text = await textOf(file);
  if (typeof text !== 'string') return text;
  const { parseYamlRaw } = await import('../yaml-file.js'); // most commands have no such file
  const raw = parseYamlRaw({ name: file, text, folder });
  if ('problems' in raw) return raw;
  if (!Array.isArray(raw.raw) || raw.raw.length === 0) {
    const got = isMap(raw.raw) ? 'a map - begin every entry with a dash, and leave out `hosts:`' : 'none';
    return { problems: [`${file}: Expected a list of hosts, got ${got}`] };
  }
  const parsed = parseRaw(HOSTS, raw);
  if (!('value' in parsed)) return parsed;
  const known = await readRaw({ kind: HOSTS, value: parsed.value, raw }, { folder, variable });
  return 'value' in known ? { hosts: known.value.map((host) => ({ ...host, listed: true })) } : known;
}

async function textOf(file: string): Promise<string | { readonly problems: readonly string[] }> {
  try {
    return await readFile(file, 'utf8');
  } catch (thrown) {
    return { problems: [`${file}: cannot be read (${messageOf(thrown)})`] };
  }
}

function isMap(raw: unknown): boolean {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw);
}
