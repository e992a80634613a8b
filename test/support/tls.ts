import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { join } from 'node:path';

const FIXTURES = join(process.cwd(), 'test/fixtures/tls');

/** Files of the certificate for tests. */
export const TLS = {
  /** The authority that signed it. */
  ca: join(FIXTURES, 'ca.pem'),
  certificate: join(FIXTURES, 'localhost.pem'),
  key: join(FIXTURES, 'localhost.key'),
} as const;

/** What a door demands of a request, and what it says to one that does not bring it. */
export interface Demand {
  /** Headers by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly refusal: (request: IncomingMessage, response: ServerResponse) => void;
}

export interface HttpsDoor extends AsyncDisposable {
  readonly url: string;
}

/** An https server before an http one, as a proxy that ends TLS is. */
export async function startHttpsDoor(target: string, demand: Demand | null = null): Promise<HttpsDoor> {
  const certificate = { cert: readFileSync(TLS.certificate), key: readFileSync(TLS.key) };
  const server = createServer(certificate, (incoming, response) => {
    if (demand !== null && !brings(incoming, demand)) return demand.refusal(incoming, response);
    forward(incoming, response, target);
  });
  server.listen(0, '0.0.0.0'); // all of loopback, which has names that the certificate is not for
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('Expected a TCP address');
  return {
    url: `https://localhost:${address.port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function brings({ headers }: IncomingMessage, demand: Demand): boolean {
  return Object.entries(demand.headers).every(([name, value]) => headers[name] === value);
}

function forward(incoming: IncomingMessage, response: ServerResponse, target: string): void {
  const onward = request(new URL(incoming.url ?? '/', target), { method: incoming.method, headers: incoming.headers });
  onward.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on('error', () => response.destroy());
  response.on('close', () => onward.destroy());
  incoming.pipe(onward);
}
