import type { LookupFunction } from 'node:net';
import { describe, expect, it } from 'vitest';
import { guardedLookup } from '../../../../src/inputs/urls/url-guard.js';
import { urlReader, urlServer } from './url-server.js';

/** Names with these addresses; each call of a name takes its next list, and stays with the last. */
function names(known: Readonly<Record<string, readonly (readonly string[])[]>>) {
  const looked: string[] = [];
  const lookup: LookupFunction = (hostname, options, callback) => {
    const lists = known[hostname] ?? [];
    const list = lists[Math.min(looked.filter((name) => name === hostname).length, lists.length - 1)] ?? [];
    looked.push(hostname);
    const found = list.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    if (options.all === true) return callback(null, found);
    callback(null, found[0]?.address ?? '', found[0]?.family);
  };
  return { lookup, looked };
}

const PIXELS = Buffer.from([0xff, 0xd8, 0xff, 0xe0]);
const FORBIDDEN = { code: 'URL_FORBIDDEN', message: expect.stringContaining('--allow-private-urls') };

describe('what is not on the public internet', () => {
  it.each([
    ...['127.0.0.1', '127.1', '2130706433', '0x7f000001', '0177.0.0.1', '0x7f.1', '127.0.0.1.', '１２７.0.0.1'],
    ...['[::1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::127.0.0.1]', '[64:ff9b::7f00:1]', '0', '0.0.0.0', '[::]'],
    'localhost',
  ])('is never asked: %s', async (host) => {
    await using server = await urlServer((_, response) => response.end(PIXELS));
    await using reader = urlReader({ allowPrivate: false });
    await expect(reader.read(`http://${host}:${server.port}/`)).rejects.toMatchObject(FORBIDDEN);
    expect(server.asked).toEqual([]);
  });

  it.each(['10.0.0.1', '192.168.1.1', '169.254.169.254', '[fd00::1]', '[fe80::1]'])(
    'is refused before a socket is opened: %s',
    async (host) => {
      await using reader = urlReader({ allowPrivate: false });
      await expect(reader.read(`https://${host}/latest/meta-data`)).rejects.toMatchObject(FORBIDDEN);
    },
  );

  it('is found out where a public name has such an address, be it one of several', async () => {
    await using server = await urlServer((_, response) => response.end(PIXELS));
    const { lookup } = names({ 'inside.example': [['127.0.0.1']], 'both.example': [['93.184.216.34', '127.0.0.1']] });
    await using reader = urlReader({ allowPrivate: false, lookup });
    for (const name of ['inside.example', 'both.example']) {
      const message = expect.stringMatching(`${name} has the address 127.0.0.1.*--allow-private-urls`);
      await expect(reader.read(`http://${name}:${server.port}/`)).rejects.toMatchObject({ ...FORBIDDEN, message });
    }
    expect(server.asked).toEqual([]);
  });

  it('is found out where a name changes its address: it is looked at each time, and only what was seen is connected to', async () => {
    const { lookup, looked } = names({ 'turn.example': [['93.184.216.34'], ['127.0.0.1']] });
    const guarded = guardedLookup({ allowPrivate: false, lookup });
    const addressOf = (all: boolean) =>
      new Promise((resolve, reject) => {
        guarded('turn.example', { all }, (error, found) => (error === null ? resolve(found) : reject(error)));
      });
    expect(await addressOf(true)).toEqual([{ address: '93.184.216.34', family: 4 }]);
    await expect(addressOf(true)).rejects.toMatchObject(FORBIDDEN);
    await expect(addressOf(false)).rejects.toMatchObject(FORBIDDEN);
    expect(looked).toHaveLength(3);
  });

  it('is read where that is allowed, by name and by address', async () => {
    await using server = await urlServer((_, response) => response.end(PIXELS));
    const { lookup } = names({ 'inside.example': [['127.0.0.1']] });
    await using reader = urlReader({ lookup });
    for (const host of ['inside.example', '127.0.0.1', '0x7f.1']) {
      expect(await reader.read(`http://${host}:${server.port}/`)).toMatchObject({ size: PIXELS.length });
    }
  });
});

describe('a redirect', () => {
  it.each([301, 302, 303, 307, 308])('is followed, relative or absolute: %i', async (status) => {
    await using server = await urlServer(({ url }, response) => {
      if (url === '/a') response.writeHead(status, { Location: 'b?c' }).end('moved');
      else if (url === '/b?c') response.writeHead(status, { Location: `${server.url}/d` }).end();
      else response.end(PIXELS);
    });
    await using reader = urlReader();
    expect(await reader.read(`${server.url}/a`)).toMatchObject({ size: PIXELS.length });
    expect(server.asked).toEqual(['/a', '/b?c', '/d']);
  });

  it.each([
    [{ maxRedirects: 2 }, 3],
    [{ maxRedirects: 0 }, 1],
  ])('without end is given up: %j', async (options, asked) => {
    await using server = await urlServer((_, response) => response.writeHead(302, { Location: '/' }).end());
    await using reader = urlReader(options);
    await expect(reader.read(server.url)).rejects.toMatchObject({ code: 'URL_FETCH' });
    expect(server.asked).toHaveLength(asked);
  });

  it.each(['file:///etc/passwd', 'ftp://127.0.0.1/', 'data:image/png;base64,QUJD'])(
    'to another scheme is forbidden: %s',
    async (target) => {
      await using server = await urlServer((_, response) => response.writeHead(302, { Location: target }).end());
      await using reader = urlReader();
      await expect(reader.read(server.url)).rejects.toMatchObject({ code: 'URL_FORBIDDEN' });
    },
  );

  it('to no URL is unreadable, naming where it comes from', async () => {
    await using server = await urlServer((_, response) => response.writeHead(302, { Location: 'http://[' }).end());
    await using reader = urlReader();
    const message = expect.stringContaining(server.url);
    await expect(reader.read(server.url)).rejects.toMatchObject({ code: 'IMAGE_UNREADABLE', message });
  });

  it('keeps credentials within the site, written relative or whole', async () => {
    const sent: unknown[] = [];
    await using server = await urlServer(({ headers, url }, response) => {
      sent.push(headers.authorization);
      if (url === '/a') response.writeHead(302, { Location: '/b' }).end();
      else if (url === '/b') response.writeHead(302, { Location: `${server.url}/c` }).end();
      else response.end(PIXELS);
    });
    await using reader = urlReader();
    await reader.read(`http://an%40na:s%3Acret@127.0.0.1:${server.port}/a`);
    const basic = `Basic ${Buffer.from('an@na:s:cret').toString('base64')}`;
    expect(sent).toEqual([basic, basic, basic]);
  });

  it('does not take credentials to another host', async () => {
    const sent: unknown[] = [];
    await using other = await urlServer(({ headers }, response) => {
      sent.push(headers.authorization);
      response.end(PIXELS);
    });
    await using server = await urlServer(({ headers, url }, response) => {
      sent.push(headers.authorization);
      response.writeHead(302, { Location: url === '/a' ? '/b' : `${other.url}/c` }).end();
    });
    await using reader = urlReader();
    await reader.read(`http://anna:secret@127.0.0.1:${server.port}/a`);
    const basic = `Basic ${Buffer.from('anna:secret').toString('base64')}`;
    expect(sent).toEqual([basic, basic, undefined]);
  });
});
