import { rootCertificates } from 'node:tls';
import { Redis } from 'ioredis';
import { certificateFault, speaksNoTls } from '../src/core/certificate-fault.js';
import { messageOf, systemCodeOf } from '../src/core/errors.js';
import { EXIT, ExitError } from '../src/core/exit.js';
import { type Complaint, denialOf } from './bullmq-outage.js';

/** What is checked, and how. */
export interface RedisCheck {
  readonly url: string;
  /** Certificates in PEM that are trusted beside the usual ones; null for none. */
  readonly ca: string | null;
  readonly timeoutMs: number;
  /** Of the keys that are to be written; null where nothing of that is tried. */
  readonly prefix: string | null;
}

/** How a `rediss://` server is trusted, as ioredis takes it; nothing of it concerns `redis://`. */
export function trustOf({ ca, url }: Pick<RedisCheck, 'ca' | 'url'>): { readonly tls?: { readonly ca: string[] } } {
  return ca === null || !url.startsWith('rediss:') ? {} : { tls: { ca: [...rootCertificates, ca] } };
}

/**
 * Looks once, in a bounded time, whether a Redis can hold the queue: reachable, 6.2 or newer, writable, and never
 * throwing keys away.
 *
 * @throws ExitError 3 that names the URL without its password, the reason and the fix; 2 where the URL is none
 */
export async function checkRedis(options: RedisCheck): Promise<void> {
  const name = withoutPassword(options.url);
  const complaint = await look(options);
  if (complaint === null) return;
  throw new ExitError(EXIT.dependency, `Redis at ${name} cannot be used: ${complaint.reason}.`, { fix: complaint.fix });
}

/** The URL as it may be shown. */
export function withoutPassword(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || !['redis:', 'rediss:'].includes(parsed.protocol)) {
    throw new ExitError(EXIT.usage, 'Expected the address of Redis to be a redis:// or rediss:// URL.', {
      fix: 'Write it as redis://host:6379.',
    });
  }
  if (parsed.password !== '') parsed.password = '***';
  return parsed.href;
}

async function look({ ca, prefix, timeoutMs, url }: RedisCheck): Promise<Complaint | null> {
  const redis = new Redis(url, {
    ...trustOf({ ca, url }),
    lazyConnect: true,
    retryStrategy: null,
    maxRetriesPerRequest: 0,
    connectTimeout: timeoutMs,
    enableReadyCheck: false,
  });
  let cause: Error | undefined;
  redis.on('error', (error: Error) => {
    cause ??= error;
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
  });
  try {
    const info = await Promise.race([redis.connect().then(() => redis.info()), late]);
    const complaint = complaintAbout(fieldsOf(info));
    return complaint ?? (prefix === null ? null : await Promise.race([denialOn(redis, prefix), late]));
  } catch (error) {
    return complaintOf(cause ?? error, url);
  } finally {
    clearTimeout(timer);
    redis.disconnect();
  }
}

/** Whether this user may run scripts that write keys of the prefix: all that a queue does is done by such. */
async function denialOn(redis: Redis, prefix: string): Promise<Complaint | null> {
  return await redis.eval("return redis.call('DEL', KEYS[1])", 1, `${prefix}:check`).then(
    () => null,
    (error: unknown) => denialOf(messageOf(error)), // a server that cannot write for now is waited for
  );
}

/** What the server said instead of answering, or why it said nothing. */
function complaintOf(thrown: unknown, url: string): Complaint {
  const message = messageOf(thrown);
  const code = systemCodeOf(thrown);
  const fault = certificateFault(code, '--redis-ca FILE');
  if (fault !== null) return { reason: `it ${fault.reason} (${message})`, fix: fault.fix };
  if (speaksNoTls(code)) return { reason: 'it does not speak TLS', fix: 'Write redis:// instead of rediss://.' };
  const denial = denialOf(message);
  if (denial !== null) return denial;
  return {
    reason: `it cannot be reached (${message || 'the connection closed'})`,
    fix: `Start it, or correct the address; from another machine, its bind address and a firewall on its port may be in the way. ${url.startsWith('rediss:') ? 'Without TLS it is redis://.' : 'With TLS it is rediss://.'}`,
  };
}

function complaintAbout(info: ReadonlyMap<string, string>): Complaint | null {
  const version = info.get('valkey_version') ?? info.get('redis_version') ?? '0';
  if (isOlder(version, 6, 2)) {
    return { reason: `its version is ${version}`, fix: 'Redis 6.2 or newer, or Valkey, is needed.' };
  }
  if (info.get('loading') === '1') {
    return { reason: 'it is still loading its data', fix: 'Try again in a moment.' };
  }
  if (info.get('role') === 'slave' && info.get('slave_read_only') !== '0') {
    return { reason: 'it is a read-only replica', fix: `Use its master, ${info.get('master_host') ?? 'unknown'}.` };
  }
  const policy = info.get('maxmemory_policy') ?? 'noeviction';
  if (policy !== 'noeviction') {
    return {
      reason: `it may throw jobs away when memory runs out (maxmemory-policy is ${policy})`,
      fix: 'Run `redis-cli config set maxmemory-policy noeviction`, and put it into its configuration.',
    };
  }
  return null;
}

/** INFO's `name:value` lines. */
function fieldsOf(info: string): ReadonlyMap<string, string> {
  const lines = info.split(/\r?\n/).filter((line) => line.includes(':') && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]));
}

function isOlder(version: string, major: number, minor: number): boolean {
  const [a = 0, b = 0] = version.split('.').map(Number);
  return a < major || (a === major && b < minor);
}
