import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { sourceName } from '../../src/core/outcome-record.js';
import type { Addresses } from '../../src/inputs/addresses.js';
import { discover } from '../../src/inputs/discover.js';
import type { Found } from '../../src/inputs/found.js';
import { carriedColumns } from '../../src/inputs/input-folders.js';
import { sourceReader } from '../../src/inputs/open.js';
import { resolveInputs } from '../../src/inputs/resolve.js';
import { createS3 } from '../../src/inputs/s3/s3-client.js';
import { tarOf, zipOf } from '../support/archives.js';
import { ANYBODY, useS3Environment } from '../support/s3-environment.js';
import { refuse, type S3Server, s3Server } from '../support/s3-server.js';
import { PLAIN } from '../unit/inputs/folders.js';
import { urlReader } from '../unit/inputs/urls/url-server.js';

useS3Environment(ANYBODY);

const MODIFIED = new Date('2024-05-06T07:08:09Z');
const LARGE = Buffer.alloc(2_000_000, 'large');
const shard = await tarOf([
  { name: 'a/1.jpg', bytes: Buffer.from('one') },
  { name: 'a/1.txt', bytes: Buffer.from('a cat') },
  { name: 'big.bin', bytes: LARGE },
  { name: 'b.png', bytes: Buffer.from('two') },
]);
const zip = zipOf([
  { name: 'a/1.jpg', bytes: Buffer.from('one'.repeat(1_000)) },
  { name: 'big.bin', bytes: LARGE },
  { name: 'b.png', bytes: Buffer.from('two') },
]);

/** Archives on a server that is a web server and S3 storage, and what reads them. */
interface Site extends AsyncDisposable {
  readonly addresses: Addresses;
  /** In front of `x.tar`, by where it lies. */
  readonly base: Readonly<Record<'http' | 's3', string>>;
  /** Puts other bytes in an archive's place. */
  readonly put: (name: string, bytes: Uint8Array) => void;
  /** Bytes that were read. */
  readonly sent: () => number;
  readonly server: S3Server;
}

async function site(archives: Readonly<Record<string, Uint8Array>>, { isUnversioned = false } = {}): Promise<Site> {
  const server = await s3Server({ buckets: { bkt: {} }, credentials: null });
  const reader = urlReader();
  const s3 = createS3({ maxBytes: 100_000, timeoutMs: 10_000, endpoint: server.url });
  let sent = 0;
  const put = (name: string, bytes: Uint8Array): void => {
    server.buckets.get('bkt')?.set(name, { bytes, modified: MODIFIED, isUnversioned });
  };
  for (const [name, bytes] of Object.entries(archives)) put(name, bytes);
  return {
    addresses: {
      s3,
      async read(url, how) {
        const read = await (url.startsWith('s3:') ? s3 : reader).read(url, how);
        sent += read.bytes.length;
        return read;
      },
    },
    base: { http: `${server.url}/bkt/`, s3: 's3://bkt/' },
    server,
    put,
    sent: () => sent,
    async [Symbol.asyncDispose]() {
      await Promise.all([s3.close(), reader.close()]);
      await server[Symbol.asyncDispose]();
    },
  };
}

async function itemsOf(given: string, addresses: Addresses) {
  const inputs = await resolveInputs([given], { ...PLAIN, cwd: '/nowhere', addresses });
  const all: Found[] = [];
  const roots = [{ name: 'nowhere', path: '/nowhere' }] as const;
  for await (const one of discover(inputs, { roots, addresses, include: [], exclude: [] })) all.push(one);
  return { inputs, items: all.flatMap((one) => (one.kind === 'item' ? [one.item] : [])) };
}

const readerOf = ({ addresses }: Site) => sourceReader([], { maxBytes: 100_000, urls: addresses.read });

async function textsOf(site: Site, given: string) {
  const { items } = await itemsOf(given, site.addresses);
  const read = readerOf(site);
  const texts = items.map(async ({ key, problem, sources: [source] }) => {
    if (problem !== undefined || source === undefined) return [key, problem?.code];
    const { bytes, size, mtimeMs } = await read(source.ref);
    expect({ size, mtimeMs }).toEqual({ size: source.size, mtimeMs: source.mtimeMs });
    return [key, Buffer.from(bytes).toString().slice(0, 3)];
  });
  return Object.fromEntries(await Promise.all(texts));
}

describe.each(['http', 's3'] as const)('an archive at an address: %s', (where) => {
  it.each(['x.tar', 'x.zip'])('is a folder of its images, of which each is read alone: %s', async (name) => {
    await using at = await site({ 'x.tar': shard, 'x.zip': zip });
    const address = `${at.base[where]}${name}`;
    expect(await textsOf(at, address)).toEqual({ [`${address}/a/1.jpg`]: 'one', [`${address}/b.png`]: 'two' });
  });

  it('carries the columns of its shards, and fetches no member that is no image', async () => {
    await using at = await site({ 'x.tar': shard });
    const { inputs, items } = await itemsOf(`${at.base[where]}x.tar`, at.addresses);
    expect(carriedColumns(inputs)).toEqual(['txt']);
    expect(items.map(({ row }) => row)).toEqual([{ txt: 'a cat' }, undefined]);
    expect(at.sent()).toBeLessThan(LARGE.length);
  });

  it('that was written anew gives none of its old members', async () => {
    await using at = await site({ 'x.tar': shard });
    const { items } = await itemsOf(`${at.base[where]}x.tar`, at.addresses);
    const other = Buffer.from(shard);
    other.write('ONE', 512);
    at.put('x.tar', other);
    const [source] = items.flatMap(({ sources }) => sources);
    const message = expect.stringContaining('has changed since it was listed');
    const reading = source === undefined ? null : readerOf(at)(source.ref);
    await expect(reading).rejects.toMatchObject({ code: 'URL_FETCH', message });
  });

  it('that is damaged is a failed item beside what was found in it', async () => {
    await using at = await site({ 'x.tar': shard.subarray(0, 4_000) });
    const address = `${at.base[where]}x.tar`;
    expect(await textsOf(at, address)).toEqual({ [`${address}/a/1.jpg`]: 'one', [address]: 'IMAGE_TRUNCATED' });
  });

  it.each([
    [404, 2],
    [403, 3],
  ])('that its server refuses with %i ends the command with exit %i', async (status, exitCode) => {
    await using at = await site({});
    at.server.interfere = (_, response) => {
      refuse(response, status, 'Refused');
      return true;
    };
    await expect(itemsOf(`${at.base[where]}x.tar`, at.addresses)).rejects.toMatchObject({ exitCode });
  });

  it('whose listing breaks off ends the run with exit 3: its other items are not gone', async () => {
    await using at = await site({ 'x.zip': zip });
    const address = `${at.base[where]}x.zip`;
    const { inputs } = await itemsOf(address, at.addresses);
    at.server.interfere = (request, response) => {
      if (/^bytes=0-/.test(request.headers.range ?? '')) return false;
      refuse(response, 403, 'ExpiredToken');
      return true;
    };
    const options = { addresses: at.addresses, include: [], exclude: [], roots: [{ name: 'n', path: '/n' }] as const };
    const listing = async () => {
      for await (const _ of discover(inputs, options));
    };
    await expect(listing()).rejects.toMatchObject({ exitCode: 3 });
  });
});

describe('an address on the web', () => {
  it('whose server names no versions gives no member that is another one by now', async () => {
    const order = (...names: string[]) => tarOf(names.map((name) => ({ name, bytes: Buffer.from('same') })));
    await using at = await site({ 'x.tar': await order('a.jpg', 'b.jpg') }, { isUnversioned: true });
    const { items } = await itemsOf(`${at.base.http}x.tar`, at.addresses);
    at.put('x.tar', await order('b.jpg', 'a.jpg'));
    const [source] = items.flatMap(({ sources }) => sources);
    const reading = source === undefined ? null : readerOf(at)(source.ref);
    await expect(reading).rejects.toMatchObject({ code: 'IMAGE_UNREADABLE' });
    at.put('x.tar', await order('a.jpg', 'b.jpg', 'c.jpg'));
    const again = source === undefined ? null : readerOf(at)(source.ref);
    await expect(again).rejects.toMatchObject({ message: expect.stringContaining('has changed') });
  });

  it('stands in keys and rows without credentials and signature', async () => {
    await using at = await site({ 'x.tar': shard });
    const secret = `${at.base.http.replace('//', '//me:secret@')}x.tar?X-Amz-Signature=abc`;
    const { inputs, items } = await itemsOf(secret, at.addresses);
    const names = items.flatMap(({ sources }) => sources.map(({ ref }) => sourceName(ref)));
    expect([inputs[0]?.given, ...items.map(({ key }) => key), ...names].join()).not.toMatch(/secret|Signature/);
    const twice = [secret, `${at.base.http}x.tar?other`];
    const resolving = resolveInputs(twice, { ...PLAIN, cwd: '/nowhere', addresses: at.addresses });
    await expect(resolving).rejects.toMatchObject({ exitCode: 2 });
  });

  it('whose server sends no parts is refused with what helps', async () => {
    await using at = await site({ 'x.tar': shard });
    at.server.interfere = (_, response) => {
      response.writeHead(200).end('the whole');
      return true;
    };
    const message = expect.stringContaining('Download the archive');
    await expect(itemsOf(`${at.base.http}x.tar`, at.addresses)).rejects.toMatchObject({ exitCode: 2, message });
  });
});
