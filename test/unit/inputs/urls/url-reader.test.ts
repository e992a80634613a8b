import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { handClock } from './hand-clock.js';
import { urlReader, urlServer } from './url-server.js';

const PIXELS = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]);
const HTML = { 'Content-Type': 'text/html; charset=utf-8' };
const JPEG = { bytes: new Uint8Array(PIXELS), size: PIXELS.length };

describe('an image behind a URL', () => {
  it('is read whole, with the time of its Last-Modified', async () => {
    await using server = await urlServer((_, response) => {
      response.setHeader('Last-Modified', 'Wed, 21 Oct 2015 07:28:00 GMT').end(PIXELS);
    });
    await using reader = urlReader();
    expect(await reader.read(`${server.url}/a%20b.jpg?x=1#y`)).toEqual({ ...JPEG, mtimeMs: 1_445_412_480_000 });
    expect(server.asked).toEqual(['/a%20b.jpg?x=1']);
  });

  it.each([undefined, 'yesterday', 'Wed, 21 Oct 1915 07:28:00 GMT'])(
    'has the time 0 with Last-Modified: %s',
    async (date) => {
      await using server = await urlServer((_, response) => {
        if (date !== undefined) response.setHeader('Last-Modified', date);
        response.end(PIXELS);
      });
      await using reader = urlReader();
      expect(await reader.read(server.url)).toEqual({ ...JPEG, mtimeMs: 0 });
    },
  );

  it('is what its bytes are, whatever Content-Type says', async () => {
    await using server = await urlServer((_, response) => response.writeHead(200, HTML).end(PIXELS));
    await using reader = urlReader();
    expect(await reader.read(server.url)).toMatchObject(JPEG);
  });

  it('is asked for by name, unpacked, with the credentials of its URL', async () => {
    let headers: unknown;
    await using server = await urlServer((request, response) => {
      headers = request.headers;
      response.end(PIXELS);
    });
    await using reader = urlReader();
    await reader.read(`http://us%C3%A9r:50%off@127.0.0.1:${server.port}/`);
    expect(headers).toMatchObject({
      'user-agent': 'visionbatch/test',
      'accept-encoding': 'identity',
      authorization: `Basic ${Buffer.from('usér:50%off').toString('base64')}`,
    });
  });

  it.each([
    [404, {}, 'IMAGE_MISSING'],
    [410, {}, 'IMAGE_MISSING'],
    [401, {}, 'IMAGE_FORBIDDEN'],
    [403, {}, 'IMAGE_FORBIDDEN'],
    [400, {}, 'IMAGE_UNREADABLE'],
    [206, {}, 'IMAGE_UNREADABLE'],
    [304, {}, 'IMAGE_UNREADABLE'],
    [302, {}, 'IMAGE_UNREADABLE'],
    [408, {}, 'URL_FETCH'],
    [429, {}, 'URL_FETCH'],
    [429, { 'Retry-After': '3600' }, 'URL_FETCH'],
    [500, {}, 'URL_FETCH'],
    [503, { 'Retry-After': 'soon' }, 'URL_FETCH'],
  ] as const)('answered %i with %j fails as %s, and is asked for once', async (status, headers, code) => {
    await using server = await urlServer((_, response) => response.writeHead(status, headers).end());
    await using reader = urlReader();
    await expect(reader.read(server.url)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(`${status}`),
    });
    expect(server.asked).toHaveLength(1);
  });

  it.each([
    [200, 'IMAGE_UNREADABLE'],
    [403, 'IMAGE_FORBIDDEN'],
  ])('that is an HTML page says so (%i)', async (status, code) => {
    await using server = await urlServer((_, response) => {
      response.writeHead(status, HTML).end('<!DOCTYPE html><title>Log in</title>');
    });
    await using reader = urlReader();
    const message = expect.stringContaining('an HTML page');
    await expect(reader.read(server.url)).rejects.toMatchObject({ code, message });
  });

  it('of no bytes is unreadable', async () => {
    await using server = await urlServer((_, response) => response.end());
    await using reader = urlReader();
    await expect(reader.read(server.url)).rejects.toMatchObject({ code: 'IMAGE_UNREADABLE' });
  });

  it('that comes packed, unasked, is refused by the name of the encoding', async () => {
    await using server = await urlServer((_, response) => {
      response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync(PIXELS));
    });
    await using reader = urlReader();
    const message = expect.stringContaining('encoding gzip');
    await expect(reader.read(server.url)).rejects.toMatchObject({ code: 'IMAGE_UNREADABLE', message });
  });

  it.each(['none', 'aws-chunked', 'utf-8', 'binary'])(
    'is what its bytes are where its encoding is %s',
    async (encoding) => {
      await using server = await urlServer((_, response) => {
        response.writeHead(200, { 'Content-Encoding': encoding }).end(PIXELS);
      });
      await using reader = urlReader();
      expect(await reader.read(server.url)).toMatchObject(JPEG);
    },
  );

  it('of exactly the bytes allowed is read', async () => {
    await using server = await urlServer((_, response) => response.end(PIXELS));
    await using reader = urlReader({ maxBytes: PIXELS.length });
    expect(await reader.read(server.url)).toMatchObject(JPEG);
  });

  it('too large by Content-Length is refused without its body', async () => {
    await using server = await urlServer((_, response) => {
      response.writeHead(200, { 'Content-Length': '1000000' }).write(PIXELS);
    });
    await using reader = urlReader();
    await expect(reader.read(server.url)).rejects.toMatchObject({ code: 'IMAGE_TOO_LARGE' });
    await server.closed;
  });

  it('too large as counted is refused while the body still comes', async () => {
    await using server = await urlServer((_, response) => response.write(Buffer.alloc(200_000)));
    await using reader = urlReader();
    await expect(reader.read(server.url)).rejects.toMatchObject({ code: 'IMAGE_TOO_LARGE' });
    await server.closed;
  });

  it('cut short of its Content-Length is no image', async () => {
    await using server = await urlServer((_, response) => {
      response.writeHead(200, { 'Content-Length': '100' });
      response.write(PIXELS, () => response.destroy());
    });
    await using reader = urlReader();
    await expect(reader.read(server.url)).rejects.toMatchObject({ code: 'URL_FETCH' });
  });

  it('is asked for again when the server says after how long', async () => {
    await using server = await urlServer((_, response) => {
      if (server.asked.length === 1) response.writeHead(429, { 'Retry-After': '0' }).end('busy');
      else if (server.asked.length === 2) {
        response.writeHead(503, { 'Retry-After': new Date(Date.now() - 1_000).toUTCString() }).end();
      } else response.end(PIXELS);
    });
    await using reader = urlReader();
    expect(await reader.read(server.url)).toMatchObject(JPEG);
  });

  it('is asked for twice more at most, and not sooner than the server says', async () => {
    const clock = handClock();
    const times: number[] = [];
    await using server = await urlServer((_, response) => {
      times.push(clock.now());
      response.writeHead(503, { 'Retry-After': times.length === 1 ? '3' : '0' }).end();
    });
    await using reader = urlReader({ clock });
    await expect(reader.read(server.url)).rejects.toMatchObject({ code: 'URL_FETCH' });
    const [first = 0] = times;
    expect(times.map((time) => time - first)).toEqual([0, 3_000, 3_000]);
  });

  it('is asked for again as the first of two Retry-After says', async () => {
    await using server = await urlServer(({ socket }, response) => {
      const answer = 'HTTP/1.1 429 Slow\r\nRetry-After: 2\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n';
      if (server.asked.length === 1) socket.write(answer);
      else response.end(PIXELS);
    });
    const clock = handClock();
    await using reader = urlReader({ clock });
    expect(await reader.read(server.url)).toMatchObject(JPEG);
    expect(clock.waits).toEqual([2_000]);
  });

  it.each([
    ['before headers', false],
    ['in the middle of the body', true],
  ])('whose server falls silent %s fails in time, and its socket is closed', async (_, begun) => {
    await using server = await urlServer((_, response) => {
      if (begun) response.write(PIXELS);
    });
    await using reader = urlReader({ timeoutMs: 150 });
    const message = expect.stringContaining('took longer than 150 ms');
    await expect(reader.read(server.url)).rejects.toMatchObject({ code: 'URL_FETCH', message });
    await server.closed;
  });

  it('of a site that is slow, but sends, leaves the site open', async () => {
    await using server = await urlServer(({ url }, response) => {
      if (url === '/small') response.end(PIXELS);
      else response.write(PIXELS);
    });
    await using reader = urlReader({ timeoutMs: 1_000 });
    const slow = ['/1', '/2', '/3'].map((path) => reader.read(`${server.url}${path}`));
    for (const { status } of await Promise.allSettled(slow)) expect(status).toBe('rejected');
    expect(await reader.read(`${server.url}/small`)).toMatchObject(JPEG);
  });

  it.each([
    ['before headers', false],
    ['in the middle of the body', true],
  ])('is given up with the reason of the signal %s', async (_, begun) => {
    const abort = new AbortController();
    const reason = new Error('enough');
    await using server = await urlServer((_, response) => {
      if (begun) response.write(PIXELS, () => abort.abort(reason));
      else abort.abort(reason);
    });
    await using reader = urlReader();
    await expect(reader.read(server.url, { signal: abort.signal })).rejects.toBe(reason);
    await server.closed;
    await expect(reader.read(server.url, { signal: abort.signal })).rejects.toBe(reason);
    expect(server.asked).toHaveLength(1);
  });

  it('on a port where nobody listens says which code the system gave', async () => {
    const free = createServer().listen(0, '127.0.0.1');
    await once(free, 'listening');
    const { port } = free.address() as AddressInfo;
    free.close();
    await once(free, 'close');
    await using reader = urlReader();
    const message = expect.stringContaining('ECONNREFUSED');
    await expect(reader.read(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({ code: 'URL_FETCH', message });
  });

  it('of a name that nobody knows says so', async () => {
    await using reader = urlReader({
      allowPrivate: false,
      lookup: (_, __, callback) => callback(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }), []),
    });
    const message = expect.stringContaining('ENOTFOUND');
    await expect(reader.read('http://no.example/')).rejects.toMatchObject({ code: 'URL_FETCH', message });
  });

  it('under no URL at all is unreadable', async () => {
    await using reader = urlReader();
    for (const text of ['', 'scans/a.jpg', 'http://', 'http://256.0.0.1/', 'http://h:99999/']) {
      await expect(reader.read(text)).rejects.toMatchObject({ code: 'IMAGE_UNREADABLE' });
    }
  });

  it('never shows credentials or a query in a message', async () => {
    await using server = await urlServer((_, response) => response.writeHead(500).end());
    await using reader = urlReader({ timeoutMs: 5_000 });
    for (const url of [server.url, 'http://127.0.0.1:1', 'ftp://127.0.0.1']) {
      const secret = `${url.replace('//', '//anna:hunter2@')}/a.jpg?signature=hunter2`;
      await expect(reader.read(secret)).rejects.toMatchObject({
        message: expect.stringMatching(/^(?!.*(anna|hunter2)).*\/a\.jpg\?…/),
      });
    }
  });
});
