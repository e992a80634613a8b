import { LOCAL_ADDRESS } from '../hosts/address.js';
import { HEADERS, type Headers } from '../hosts/headers.js';
import { bareHost, HOST, type HostSpec } from '../hosts/host.js';
import { optional, parsed, pattern, Refusal, several, text, whole } from '../kinds.js';
import { type Kind, LOOKS, RUNS, type SettingRows, SHARES, setting } from '../setting.js';
import { CERTIFICATES, SECRET, WHOLE_PATH } from '../sourced.js';

const REDIS_URL: Kind<string | null> = {
  placeholder: 'URL',
  type: parsed((raw) => {
    if (raw === 'none') return null;
    const valid = typeof raw === 'string' && URL.canParse(raw) && /^rediss?:\/\/./.test(raw);
    if (!valid) throw new Refusal('Expected a redis:// or rediss:// URL, or none; what was given is not shown');
    return raw;
  }),
  show: (value) => value ?? '',
};

const MACHINE = pattern('NAME', /^[\w.-]{1,63}$/, 'a name of letters, digits and . _ -');

const PREFIX = pattern('PREFIX', /^[^\s:]+$/, 'a prefix without spaces and colons');

const DEFAULT_HOSTS: readonly HostSpec[] = [bareHost(LOCAL_ADDRESS)];
const NO_HEADERS: Headers = {};

/** Who answers, and how the work gets there. */
export const WHO = {
  hosts: setting({
    name: 'host',
    alias: 'hosts',
    kind: several(HOST),
    default: DEFAULT_HOSTS,
    defaultIs: 'OLLAMA_HOST, else http://127.0.0.1:11434; none beside --redis, but for worker and models',
    meaning:
      'an Ollama server, or cpu for the built-in OCR, which stands alone; may be repeated; also ,key= ,header= ,ca= ,sleep=',
    commands: LOOKS,
  }),
  hostsFile: setting({
    name: 'hosts-file',
    kind: optional(WHOLE_PATH),
    default: null,
    defaultIs: 'none',
    meaning: 'a list of further hosts in YAML or JSON',
    commands: LOOKS,
  }),
  hostKey: setting({
    name: 'host-key',
    kind: optional(SECRET),
    default: null,
    defaultIs: 'none',
    meaning: 'a key that hosts ask for (Authorization: Bearer), where a host has no way in of its own',
    commands: LOOKS,
  }),
  hostHeaders: setting({
    name: 'host-header',
    kind: HEADERS,
    default: NO_HEADERS,
    defaultIs: 'none',
    meaning: 'a header that hosts ask for; its value is env:VAR or file:PATH; may be repeated',
    commands: LOOKS,
  }),
  hostCa: setting({
    name: 'host-ca',
    kind: optional(CERTIFICATES),
    default: null,
    defaultIs: 'the usual ones',
    meaning: 'certificates (PEM) that https hosts may be signed by, beside the usual ones',
    commands: LOOKS,
  }),
  profiles: setting({
    name: 'profiles',
    kind: optional(text('FILE')),
    default: null,
    defaultIs: 'the built-in ones',
    meaning: 'YAML that says of models what the built-in profiles do not know or get wrong',
    commands: RUNS,
  }),
  redis: setting({
    name: 'redis',
    kind: REDIS_URL,
    default: null,
    defaultIs: 'none: one process, no server',
    meaning: 'share the run with workers on other machines through this Redis; none turns it off',
    commands: SHARES,
    standard: 'REDIS_URL',
  }),
  redisCa: setting({
    name: 'redis-ca',
    kind: optional(CERTIFICATES),
    default: null,
    defaultIs: 'the usual ones',
    meaning: 'certificates (PEM) that a rediss:// server may be signed by, beside the usual ones',
    commands: SHARES,
  }),
  redisPrefix: setting({
    name: 'redis-prefix',
    kind: PREFIX,
    default: '{visionbatch}',
    meaning: 'begins the name of every key in Redis',
    commands: SHARES,
  }),
  machine: setting({
    name: 'machine',
    kind: optional(MACHINE),
    default: null,
    defaultIs: "the machine's host name",
    meaning: 'what this machine is called among those on the Redis: no two may have one name',
    commands: SHARES,
  }),
  priority: setting({
    name: 'priority',
    kind: whole({ min: -100, max: 100 }),
    default: 0,
    meaning: 'of this run on hosts that other runs use too: the highest is served first, then the oldest',
    commands: RUNS,
  }),
  window: setting({
    name: 'window',
    kind: optional(whole({ min: 1, max: 1_000_000 })),
    default: null,
    defaultIs: '2000, or 20 for every slot if that is more',
    meaning: 'most jobs in the queue at once',
    unit: 'jobs',
    commands: RUNS,
  }),
} as const satisfies SettingRows;
