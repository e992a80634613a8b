import { once } from 'node:events';
import { createServer, request as send } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { NO_PROXIES, type ProxySettings, proxyOf } from '../../../../src/inputs/urls/url-proxy.js';
import { urlReader, urlServer } from './url-server.js';

const PIXELS = Buffer.from([0xff, 0xd8, 0xff, 0xe0]);

interface Proxy extends AsyncDisposable {
  readonly host: string;
  /** What was asked of it, with its `Proxy-Authorization`. */
  readonly asked: readonly (readonly [target: string, authorization: string | undefined])[];
}

/** A real proxy that sends whatever name it is asked for to one port of this machine; for null it refuses with 407. */
async function proxyTo(port: number | null): Promise<Proxy> {
  const asked: [string, string | undefined][] = [];
  const sockets = new Set<Socket>();
  const server = createServer(({ headers, method, url = '' }, response) => {
    asked.push([url, headers['proxy-authorization']]);
    if (port === null) return void response.writeHead(407).end();
    const { pathname } = new URL(url);
    const onward = send({ host: '127.0.0.1', port, method, path: pathname }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.end();
  });
  server.on('connect', ({ headers, url = '' }, socket: Socket) => {
    asked.push([url, headers['proxy-authorization']]);
    if (port === null) return void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    const onward = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  });
  server.on('connection', (socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

describe('the proxy of a URL', () => {
  const proxies: ProxySettings = {
    http: 'web:3128',
    https: 'https://user:secret@tls:8443',
    none: ' .inside.example, 10.0.0.0/8 host:81,[::1],2001:db8::/32, EXACT.example ',
  };
  it.each([
    ['http://a.example/', 'http://web:3128/'],
    ['https://a.example/', 'https://user:secret@tls:8443/'],
    ['http://inside.example/', null],
    ['http://x.y.inside.example./', null],
    ['http://notinside.example/', 'http://web:3128/'],
    ['http://exact.example:8080/', null],
    ['http://host:81/', null],
    ['http://host:82/', 'http://web:3128/'],
    ['http://10.1.2.3/', null],
    ['http://11.1.2.3/', 'http://web:3128/'],
    ['http://[::1]/', null],
    ['http://[2001:db8::5]/', null],
    ['http://[2001:db9::5]/', 'http://web:3128/'],
  ])('%s is %s', (url, proxy) => {
    expect(proxyOf(new URL(url), proxies)?.href ?? null).toBe(proxy);
  });

  it('is none where the environment names none, or * as what needs none', () => {
    const url = new URL('http://a.example/');
    expect(proxyOf(url, NO_PROXIES)).toBeNull();
    expect(proxyOf(url, { ...proxies, none: '*' })).toBeNull();
    expect(proxyOf(url, { ...NO_PROXIES, https: 'web:3128' })).toBeNull();
  });

  it.each(['socks5://user:secret@h:1080', 'http://[secret', 'file:///secret'])(
    'that is none of http or https says so and shows no secret: %s',
    (http) => {
      const read = () => proxyOf(new URL('http://a.example/'), { ...NO_PROXIES, http });
      expect(read).toThrow(/^URL_FETCH: Expected HTTP_PROXY (?!.*secret)/);
    },
  );
});

describe('through a proxy', () => {
  it('an image is fetched by a name that only the proxy knows, with the credentials of the proxy', async () => {
    await using server = await urlServer((_, response) => response.end(PIXELS));
    await using proxy = await proxyTo(server.port);
    const proxies = { ...NO_PROXIES, http: `http://anna:s%40crt@${proxy.host}` };
    await using reader = urlReader({ allowPrivate: false, proxies });
    expect(await reader.read('http://only.example/a.jpg')).toMatchObject({ size: PIXELS.length });
    const authorization = `Basic ${Buffer.from('anna:s@crt').toString('base64')}`;
    expect(proxy.asked).toEqual([['http://only.example/a.jpg', authorization]]);
    expect(server.asked).toEqual(['/a.jpg']);
  });

  it('https goes in a tunnel that says nothing of its path', async () => {
    await using server = await urlServer((_, response) => response.end(PIXELS));
    await using proxy = await proxyTo(server.port);
    await using reader = urlReader({ proxies: { ...NO_PROXIES, https: proxy.host } });
    await expect(reader.read('https://only.example/a.jpg')).rejects.toMatchObject({ code: 'URL_FETCH' }); // no TLS there
    expect(proxy.asked).toEqual([['only.example:443', undefined]]);
  });

  it.each([
    ...['http://127.0.0.1/', 'http://[::1]/', 'http://localhost/', 'http://a.b.internal./', 'http://nas.local/'],
    ...['http://127.0.0.1../', 'http://0x7f.1../', 'http://localhost../', 'http://localhost.localdomain/'],
    ...['http://redis:6379/', 'http://ip6-localhost/', 'http://nas.lan/', 'http://wiki.intranet/'],
  ])('what is not on the public internet by its name or address is not asked for: %s', async (url) => {
    await using proxy = await proxyTo(1);
    await using reader = urlReader({ allowPrivate: false, proxies: { ...NO_PROXIES, http: proxy.host } });
    await expect(reader.read(url)).rejects.toMatchObject({ code: 'URL_FORBIDDEN' });
    expect(proxy.asked).toEqual([]);
  });

  it.each(['http://169.254.169.254/latest/meta-data', 'http://0x7f.1/', 'https://localhost:2375/', '//127.1/'])(
    'a public site cannot lead inside: %s',
    async (target) => {
      await using server = await urlServer((_, response) => response.writeHead(302, { Location: target }).end());
      await using proxy = await proxyTo(server.port);
      await using reader = urlReader({ allowPrivate: false, proxies: { ...NO_PROXIES, http: proxy.host } });
      await expect(reader.read('http://public.example/a.jpg')).rejects.toMatchObject({ code: 'URL_FORBIDDEN' });
      expect(server.asked).toEqual(['/a.jpg']);
    },
  );

  it.each(['http', 'https'])('that wants credentials, %s says so and shows none', async (scheme) => {
    await using proxy = await proxyTo(null);
    const one = `http://anna:secret@${proxy.host}`;
    await using reader = urlReader({ proxies: { http: one, https: one, none: null } });
    const message = expect.stringMatching(/^(?!.*(anna|secret)).*407/);
    await expect(reader.read(`${scheme}://a.example/`)).rejects.toMatchObject({ message });
  });

  it('that is not there, the failure names the proxy', async () => {
    await using reader = urlReader({ proxies: { ...NO_PROXIES, http: 'http://anna:secret@127.0.0.1:1' } });
    const message = expect.stringMatching(
      /^(?!.*secret).*through the proxy http:\/\/127\.0\.0\.1:1 failed: ECONNREFUSED/,
    );
    await expect(reader.read('http://a.example/')).rejects.toMatchObject({ code: 'URL_FETCH', message });
  });
});
