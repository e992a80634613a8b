import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { UrlReader } from '../../../../src/inputs/urls/reader.js';
import { NO_PROXIES } from '../../../../src/inputs/urls/url-proxy.js';
import { createUrlReader, type UrlReaderOptions } from '../../../../src/inputs/urls/url-reader.js';

export interface UrlServer extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  /** Paths that were asked for, in order. */
  readonly asked: readonly string[];
  /** Resolves when a client has closed a connection. */
  readonly closed: Promise<unknown>;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A real HTTP server whose every answer is the test's own. */
export async function urlServer(handle: Handler): Promise<UrlServer> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    handle(request, response);
  });
  const closed = new Promise((resolve) => {
    server.on('connection', (socket) => socket.on('close', resolve));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { port, url: `http://127.0.0.1:${port}`, asked, closed, [Symbol.asyncDispose]: () => end(server) };
}

async function end(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
}

/** A reader that is closed at the end of the test's scope; it may reach this machine unless the test says otherwise. */
export function urlReader(options: Partial<UrlReaderOptions> = {}): UrlReader & AsyncDisposable {
  const reader = createUrlReader({
    maxBytes: 100_000,
    timeoutMs: 10_000,
    maxRedirects: 5,
    allowPrivate: true,
    userAgent: 'visionbatch/test',
    siteConcurrency: 4,
    siteDelayMs: 0,
    proxies: NO_PROXIES,
    ...options,
  });
  return { ...reader, [Symbol.asyncDispose]: () => reader.close() };
}
