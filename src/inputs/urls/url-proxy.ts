import { BlockList, isIP } from 'node:net';
import { VisionError } from '../../core/errors.js';

/** Proxies as the environment names them: `http://[USER:PASSWORD@]HOST[:PORT]`, the scheme may be left out. */
export interface ProxySettings {
  /** For http URLs; null where they are asked for directly. */
  readonly http: string | null;
  /** For https URLs. */
  readonly https: string | null;
  /** Hosts that are asked directly: names with all below them, addresses, `10.0.0.0/8`, each with a port or without; `*` is all. */
  readonly none: string | null;
}

/** Everything is asked for directly. */
export const NO_PROXIES: ProxySettings = { http: null, https: null, none: null };

/**
 * The proxy through which a URL is to be asked for; null where directly.
 *
 * @throws VisionError URL_FETCH for a proxy that is none of http or https. It does not show the proxy, which may hold a password
 */
export function proxyOf(url: URL, { http, https, none }: ProxySettings): URL | null {
  const given = url.protocol === 'https:' ? https : http;
  if (given === null || given === '' || isDirect(url, none ?? '')) return null;
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(given) ? given : `http://${given}`;
  const proxy = URL.canParse(text) ? new URL(text) : null;
  if (proxy?.protocol === 'http:' || proxy?.protocol === 'https:') return proxy;
  const name = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  throw new VisionError('URL_FETCH', `Expected ${name} to be an http or https proxy, got another kind of address.`, {
    fix: `Write it as ${name}=http://HOST:PORT`,
  });
}

/** A proxy for a message to a person: without credentials. */
export function shownProxy({ host, protocol }: URL): string {
  return `${protocol}//${host}`;
}

function isDirect(url: URL, none: string): boolean {
  const host = bareHost(url);
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  return none
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => entry === '*' || covers(entry, host, port));
}

function covers(entry: string, host: string, port: string): boolean {
  const { name = '', portOnly } =
    /^(?<name>\[[^\]]*\]|[^:]*|.*:.*:.*?)(?::(?<portOnly>\d+))?$/.exec(entry)?.groups ?? {};
  if (portOnly !== undefined && portOnly !== port) return false;
  const bare = name.replace(/^\[(.*)\]$/, '$1');
  if (bare.includes('/')) return isInNetwork(bare, host);
  const suffix = bare.replace(/^\*?\./, '').replace(/\.$/, '');
  return suffix !== '' && (host === suffix || (isIP(host) === 0 && host.endsWith(`.${suffix}`)));
}

function isInNetwork(entry: string, host: string): boolean {
  const [network = '', bits = ''] = entry.split('/');
  const version = isIP(network);
  if (version === 0 || version !== isIP(host) || !/^\d{1,3}$/.test(bits)) return false;
  if (Number(bits) > (version === 4 ? 32 : 128)) return false;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family);
  return list.check(host, family);
}

/** The host without brackets and without the dots at the end of a fully qualified name. */
export function bareHost({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.+$/, '');
}
