import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface AServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Sockets that clients have opened so far. */
  readonly sockets: () => number;
  /** Resolves when a client has closed its connection; count from the first. */
  readonly closed: Promise<void>;
}

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** A real HTTP server whose every answer is the test's own. */
export async function aServer(handle: Handler): Promise<AServer> {
  let sockets = 0;
  let onClosed = () => {};
  const closed = new Promise<void>((resolve) => {
    onClosed = resolve;
  });
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    handle(request, response, Buffer.concat(parts).toString('utf8'));
  });
  server.on('connection', (socket) => {
    sockets += 1;
    socket.on('close', onClosed);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    sockets: () => sockets,
    closed,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** One line of a streamed chat. */
export function chatLine(content: string, last: Readonly<Record<string, unknown>> = { done: false }): string {
  return `${JSON.stringify({ model: 'tiny', created_at: '', message: { role: 'assistant', content }, ...last })}\n`;
}

export const STOP = { done: true, done_reason: 'stop', eval_count: 2 };

export const NDJSON = { 'Content-Type': 'application/x-ndjson' };
