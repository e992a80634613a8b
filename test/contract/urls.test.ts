import { describe, expect, it } from 'vitest';
import { urlReader, urlServer } from '../unit/inputs/urls/url-server.js';
import { dnsServer } from './dns-server.js';

const PIXELS = Buffer.from([0xff, 0xd8, 0xff, 0xe0]);

/** Ways to write a host that is not on the public internet. Each with the port of a real server of this machine. */
const INSIDE = {
  loopback: ['127.0.0.1', '127.0.0.2', '127.255.255.254', 'localhost', 'LOCALHOST', 'localhost.', 'a.localhost'],
  'loopback in short': ['127.1', '127.0.1', '0', '0.0.0.0', '0.0'],
  'loopback in decimal, octal, hexadecimal': [
    ...['2130706433', '017700000001', '0x7f000001', '0177.0.0.1', '0x7f.0.0.1', '0x7f.1', '0177.0.0.0x1', '00000177.1'],
  ],
  'loopback in other letters': [
    ...['１２７.0.0.1', '127。0。0。1', '①②⑦.⓪.⓪.①', '%31%32%37.0.0.1', '127%2e0.0.1', '127.0.0.1.', 'ⓛocalhost'],
  ],
  'loopback in IPv6': ['[::1]', '[0:0:0:0:0:0:0:1]', '[::]', '[0000::0001]'],
  'loopback within IPv6': [
    ...['[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[0:0:0:0:0:ffff:127.0.0.1]', '[::127.0.0.1]', '[::7f00:1]'],
    ...['[64:ff9b::127.0.0.1]', '[64:ff9b:1::7f00:1]', '[2002:7f00:1::]', '[2001:0:7f00:1::]', '[::ffff:0:127.0.0.1]'],
  ],
  'private networks': ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.0.1', '100.64.0.1', '198.18.0.1'],
  'private networks otherwise': ['167772161', '0xa.1', '[fd00::1]', '[fc00::1]', '[::ffff:10.0.0.1]', '[2002:a00:1::]'],
  'link-local and what clouds answer on': [
    ...['169.254.169.254', '2852039166', '0xa9fea9fe', '[::ffff:a9fe:a9fe]', '[fe80::1]', '[fd00:ec2::254]'],
    ...['100.100.100.200', '192.0.0.192', '168.63.129.16', 'metadata.google.internal', 'router.local', 'nas.home.arpa'],
  ],
  'multicast, broadcast, reserved': ['224.0.0.1', '239.255.255.255', '255.255.255.255', '240.0.0.1', '[ff02::1]'],
  'behind credentials': ['example.com@127.0.0.1', 'example.com:80@127.0.0.1', 'a:b@[::1]', '127.0.0.1:1@127.0.0.1'],
};

describe('what is not on the public internet', () => {
  it.each(Object.entries(INSIDE))('is refused before anything is sent: %s', async (_, hosts) => {
    await using server = await urlServer((_, response) => response.end(PIXELS));
    await using reader = urlReader({ allowPrivate: false });
    for (const host of hosts) {
      const read = reader.read(`http://${host}:${server.port}/`);
      await expect(read, host).rejects.toMatchObject({ code: 'URL_FORBIDDEN' });
    }
    expect(server.asked).toEqual([]);
  });

  it('is told in more than forty ways', () => {
    expect(Object.values(INSIDE).flat().length).toBeGreaterThan(40);
  });

  it.each(['[fe80::1%25eth0]', '[fe80::1%eth0]', '0x7f.0.0.0.1', '127.0.0.256', '[::ffff:127.0.0.1', 'exa mple.com'])(
    'is no URL at all where no parser agrees what it means: %s',
    async (host) => {
      await using reader = urlReader({ allowPrivate: false });
      await expect(reader.read(`http://${host}/`)).rejects.toMatchObject({ code: 'IMAGE_UNREADABLE' });
    },
  );

  it.each([
    ['file:///etc/passwd', 'the files of this machine'],
    ['FILE://localhost/etc/passwd', 'the files of this machine'],
    ['ftp://ftp.example/a.jpg', 'FTP is not spoken'],
    ['data:image/png;base64,iVBORw0KGgo=', 'holds the image itself'],
    ['gopher://127.0.0.1/', 'http or https'],
    ['javascript:alert(1)', 'http or https'],
  ])('nor is another scheme, each with its own sentence: %s', async (url, words) => {
    await using reader = urlReader();
    const message = expect.stringContaining(words);
    await expect(reader.read(url)).rejects.toMatchObject({ code: 'URL_FORBIDDEN', message });
  });
});

/** On the public internet, where nobody listens: AS112 answers questions that should never have left a network. */
const PUBLIC = '192.31.196.1';

describe('a name', () => {
  it('that its DNS server leads inside after it was checked is connected to where it was checked, and then refused', async () => {
    await using server = await urlServer((_, response) => response.end(PIXELS));
    await using dns = await dnsServer({ 'turn.example': [[PUBLIC], ['127.0.0.1']] });
    await using reader = urlReader({ allowPrivate: false, lookup: dns.lookup, timeoutMs: 200 });
    const url = `http://turn.example:${server.port}/`;
    await expect(reader.read(url)).rejects.toMatchObject({ code: 'URL_FETCH' });
    expect(dns.asked.get('turn.example')).toBe(1);
    const message = expect.stringContaining('turn.example has the address 127.0.0.1');
    await expect(reader.read(url)).rejects.toMatchObject({ code: 'URL_FORBIDDEN', message });
    expect(server.asked).toEqual([]);
  });

  it('of which one address among others lies inside is refused', async () => {
    await using server = await urlServer((_, response) => response.end(PIXELS));
    await using dns = await dnsServer({ 'both.example': [[PUBLIC, '10.0.0.1']] });
    await using reader = urlReader({ allowPrivate: false, lookup: dns.lookup });
    await expect(reader.read('http://both.example/')).rejects.toMatchObject({ code: 'URL_FORBIDDEN' });
    expect(server.asked).toEqual([]);
  });

  it('is reached inside where that is allowed, as the same DNS server says', async () => {
    await using server = await urlServer((_, response) => response.end(PIXELS));
    await using dns = await dnsServer({ 'inside.example': [['127.0.0.1']] });
    await using reader = urlReader({ lookup: dns.lookup });
    expect(await reader.read(`http://inside.example:${server.port}/`)).toMatchObject({ size: PIXELS.length });
  });
});

describe('a version that is known', () => {
  const TIME = 'Wed, 21 Oct 2015 07:28:00 GMT';

  it('costs a 304, by its ETag and by its time; a new one comes whole', async () => {
    const wanted: (readonly [unknown, unknown])[] = [];
    await using server = await urlServer(({ headers }, response) => {
      wanted.push([headers['if-none-match'], headers['if-modified-since']]);
      if (headers['if-none-match'] === '"1"' || headers['if-modified-since'] === TIME) response.writeHead(304).end();
      else response.writeHead(200, { ETag: '"2"', 'Last-Modified': TIME }).end(PIXELS);
    });
    await using reader = urlReader();
    const mtimeMs = Date.parse(TIME);
    expect(await reader.readIfChanged(server.url, { etag: '"1"', mtimeMs: 0 })).toBeNull();
    expect(await reader.readIfChanged(server.url, { etag: null, mtimeMs })).toBeNull();
    const read = await reader.readIfChanged(server.url, { etag: 'W/"0"', mtimeMs: 0 });
    expect(read).toMatchObject({ size: PIXELS.length, etag: '"2"', mtimeMs });
    expect(wanted).toEqual([
      ['"1"', undefined],
      [undefined, TIME],
      ['W/"0"', undefined],
    ]);
  });
});

describe('a part of an archive', () => {
  it('is asked for and read as a range', async () => {
    await using server = await urlServer(({ headers }, response) => {
      expect(headers.range).toBe('bytes=10-13');
      response.writeHead(206, { 'Content-Range': 'bytes 10-13/99' }).end(PIXELS);
    });
    await using reader = urlReader();
    const read = await reader.read(server.url, { range: { offset: 10, length: 4 } });
    expect(read).toMatchObject({ bytes: new Uint8Array(PIXELS), size: 99 });
  });

  it.each([
    ['the whole', 200, {}, PIXELS],
    ['another part', 206, { 'Content-Range': 'bytes 0-3/99' }, PIXELS],
    ['a part that does not say which', 206, {}, PIXELS],
    ['too little of it', 206, { 'Content-Range': 'bytes 10-13/99' }, PIXELS.subarray(1)],
    ['too much of it', 206, { 'Content-Range': 'bytes 10-13/99' }, Buffer.concat([PIXELS, PIXELS])],
    ['nothing', 416, {}, Buffer.alloc(0)],
  ])('is never taken for it where a server sends %s', async (_, status, headers, body) => {
    await using server = await urlServer((_, response) => response.writeHead(status, headers).end(body));
    await using reader = urlReader();
    const read = reader.read(server.url, { range: { offset: 10, length: 4 } });
    await expect(read).rejects.toMatchObject({ code: expect.stringMatching(/IMAGE_UNREADABLE|IMAGE_TOO_LARGE/) });
  });
});
