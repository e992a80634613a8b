import { isDeepStrictEqual } from 'node:util';
import type { SleepWindow } from '../../src/core/sleep.js';
import type { SourcedText } from '../../src/core/sourced-text.js';
import { parsed, Refusal, readingAt, readValue, refuse, whole } from '../kinds.js';
import type { Reading } from '../place.js';
import type { Kind } from '../setting.js';
import { CERTIFICATES, SECRET } from '../sourced.js';
import { CPU, hasUserinfo, parseAddress } from './address.js';
import { HEADERS, type Headers, header } from './headers.js';
import { SLEEP } from './sleep.js';

/** A host as the user named it. */
export interface HostSpec {
  /** Base URL without a slash at its end, credentials included, or {@link CPU} for the built-in OCR. */
  readonly url: string;
  /** Items in hand at once, 1 or more; null where it is to be found out. */
  readonly slots: number | null;
  /** Requests sent beyond the slots, 0 or more; null where not given. */
  readonly ahead: number | null;
  /** Sent with every request. */
  readonly headers: Headers;
  /** Sent with every request as `Authorization: Bearer`. */
  readonly key: SourcedText | null;
  /** Certificates in PEM that are trusted beside the usual ones. */
  readonly ca: SourcedText | null;
  /** When the host is left alone. */
  readonly sleep: readonly SleepWindow[];
  /** Whether it stands in the hosts file, which may be read again. */
  readonly listed: boolean;
}

/** A host of which only the address is known. */
export function bareHost(url: string): HostSpec {
  return { url, slots: null, ahead: null, headers: {}, key: null, ca: null, sleep: [], listed: false };
}

/** Whether two entries say the same of a host, its secrets as they were read included. */
export function isSameHost(a: HostSpec, b: HostSpec): boolean {
  const names = Object.keys(a.headers);
  return (
    isDeepStrictEqual([a.url, a.slots, a.ahead, a.sleep], [b.url, b.slots, b.ahead, b.sleep]) &&
    isSameText(a.key, b.key) &&
    isSameText(a.ca, b.ca) &&
    names.length === Object.keys(b.headers).length &&
    names.every((name) => isSameText(a.headers[name], b.headers[name]))
  );
}

function isSameText(a: SourcedText | null = null, b: SourcedText | null = null): boolean {
  return a === null || b === null ? a === b : a.isSame(b);
}

/** `URL[,slots=N|auto][,ahead=N]` and the other members in the same way, or an object of them. */
export const HOST: Kind<HostSpec> = {
  placeholder: 'URL[,slots=N|auto][,ahead=N]',
  type: parsed(parseHost),
  show: showHost,
  read: readHost,
};

/** The members of an entry beside its URL. */
const MEMBERS: readonly string[] = ['slots', 'ahead', 'key', 'ca', 'sleep', 'headers'];
/** How they are written behind a URL: a header each. */
const WRITTEN: readonly string[] = ['slots', 'ahead', 'key', 'ca', 'sleep', 'header'];

type Members = Readonly<Record<string, unknown>>;

function parseHost(raw: unknown): HostSpec {
  const members = typeof raw === 'string' && raw !== '' ? membersOf(raw) : raw;
  if (!isMembers(members)) return refuse('a host such as http://gpu1:11434,slots=2, or cpu', raw);
  const unknown = Object.keys(members).find((name) => name !== 'url' && !MEMBERS.includes(name));
  if (unknown !== undefined) return refuse(`url, ${MEMBERS.join(', ')} of a host`, unknown);
  const member = reader(members);
  return checked({
    url: typeof members.url === 'string' ? parseAddress(members.url) : refuse('the url of a host', members.url),
    slots: members.slots === 'auto' ? null : member('slots', SLOTS),
    ahead: member('ahead', AHEAD),
    headers: member('headers', HEADERS) ?? {},
    key: member('key', SECRET),
    ca: member('ca', CERTIFICATES),
    sleep: member('sleep', SLEEP) ?? [],
    listed: false,
  });
}

const SLOTS = whole({ min: 1, max: 9_999 });
const AHEAD = whole({ min: 0, max: 9_999 });

/** `URL,slots=2,header=A=env:B` as an object. What is not a plain name may be a piece of a secret, and is not shown. */
function membersOf(text: string): Members {
  const [url, ...options] = text.split(',');
  const pairs = options.map((option) => {
    const [, name = '', value = ''] = /^([^=]*)=?(.*)$/s.exec(option) ?? [];
    if (WRITTEN.includes(name)) return [name, value] as const;
    return refuse(`${WRITTEN.join(', ')} after a host`, /^[a-z]+$/i.test(name) ? name : '***');
  });
  const names = pairs.map(([name]) => name).filter((name) => name !== 'header');
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) return refuse(`${twice} once after a host`, `${twice} twice`);
  const { header: _, ...others } = Object.fromEntries(pairs);
  const headers = pairs.filter(([name]) => name === 'header').map(([, value]) => value);
  return { url, ...others, ...(headers.length === 0 ? {} : { headers }) };
}

function isMembers(raw: unknown): raw is Members {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw);
}

/** Parses members; null for one that is not there. */
function reader(members: Members): <T>(name: string, kind: Kind<T>) => T | null {
  return (name, kind) => {
    const raw = members[name];
    if (raw === undefined || raw === null) return null;
    const result = kind.type.safeParse(raw);
    if (result.success) return result.data;
    throw new Refusal(`${name}: ${result.error.issues[0]?.message}`);
  };
}

/** What must hold between the members. */
function checked(host: HostSpec): HostSpec {
  const { ahead, ca, headers, key, url } = host;
  const doors = [...(key === null ? [] : ['key']), ...(ca === null ? [] : ['ca']), ...Object.keys(headers)];
  if (url === CPU && ahead !== null) return refuse('cpu without ahead', url);
  if (url === CPU && doors.length > 0) return refuse(`cpu without ${doors[0]}`, url);
  if (ca !== null && !url.startsWith('https:')) return refuse('an https URL beside ca', url);
  const ways = credentialsOf(host);
  return ways.length > 1 ? refuse('one way to be let in', ways.join(' and ')) : host;
}

/** The ways in which a host says who asks, each in words. */
export function credentialsOf({ headers, key, url }: Pick<HostSpec, 'headers' | 'key' | 'url'>): readonly string[] {
  return [
    ...(hasUserinfo(url) ? ['user and password in the URL'] : []),
    ...(key === null ? [] : ['key']),
    ...(header(headers, 'authorization') === undefined ? [] : ['the header Authorization']),
  ];
}

function showHost({ ahead, ca, headers, key, sleep, slots, url }: HostSpec): string {
  const members: readonly (readonly [name: string, value: unknown])[] = [
    ['slots', slots],
    ['ahead', ahead],
    ['key', key],
    ['ca', ca],
    ['sleep', sleep.length === 0 ? null : SLEEP.show(sleep)],
    ...Object.entries(headers).map(([name, { from }]) => ['header', `${name}=${from}`] as const),
  ];
  const given = members.filter(([, value]) => value !== null);
  return url + given.map(([name, value]) => `,${name}=${value}`).join('');
}

async function readHost(host: HostSpec, reading: Reading): Promise<HostSpec> {
  const { ca, headers, key } = host;
  return {
    ...host,
    headers: await readValue(HEADERS, headers, readingAt('headers', reading)),
    key: key === null ? null : await readValue(SECRET, key, readingAt('key', reading)),
    ca: ca === null ? null : await readValue(CERTIFICATES, ca, readingAt('ca', reading)),
  };
}
