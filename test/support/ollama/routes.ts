import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { type HostParts, serveAsk } from './asks.js';
import { psBody, showBody, tagged } from './catalogue.js';
import { type Exchange, Silence } from './exchange.js';
import { modelName } from './model-name.js';
import { servePull } from './pulls.js';
import { REFUSALS, Refusal } from './refusal.js';

type Handler = (host: HostParts, exchange: Exchange) => Promise<void> | void;

const PLAIN = { 'Content-Type': 'text/plain' };

const ROUTES: Readonly<Record<string, Readonly<Record<string, Handler>>>> = {
  '/': { GET: root, HEAD: root },
  '/api/version': { GET: ({ options }, exchange) => exchange.json(200, { version: options.version }) },
  '/api/tags': { GET: ({ catalogue }, exchange) => exchange.json(200, catalogue.tags()) },
  '/api/ps': { GET: ({ scheduler }, exchange) => exchange.json(200, psBody(scheduler.runners)) },
  '/api/show': { POST: show },
  '/api/pull': { POST: servePull },
  '/api/chat': { POST: (host, exchange) => serveAsk(host, exchange, 'chat') },
  '/api/generate': { POST: (host, exchange) => serveAsk(host, exchange, 'generate') },
};

/** Serves one request, whatever becomes of it. */
export async function route(host: HostParts, exchange: Exchange): Promise<void> {
  try {
    await dispatch(host, exchange);
  } catch (error) {
    if (error instanceof Refusal) await exchange.refuse(error, { late: false });
    else if (!(error instanceof Silence)) throw error;
  }
}

async function dispatch(host: HostParts, exchange: Exchange): Promise<void> {
  if (!isOwnName(exchange.host)) return exchange.raw(403, '', {});
  const methods = ROUTES[exchange.log.path];
  if (methods === undefined) return exchange.raw(404, '404 page not found', PLAIN);
  const handler = methods[exchange.log.method];
  if (handler !== undefined) return handler(host, exchange);
  exchange.raw(405, '405 method not allowed', { Allow: Object.keys(methods).join(', '), ...PLAIN });
}

function root(_: HostParts, exchange: Exchange): void {
  exchange.raw(200, 'Ollama is running', { 'Content-Type': 'text/plain; charset=utf-8' });
}

async function show({ catalogue }: HostParts, exchange: Exchange): Promise<void> {
  const name = await modelName(exchange, 'ShowRequest');
  const model = catalogue.find(name);
  if (name === '') throw REFUSALS.modelRequired();
  if (model === undefined) throw REFUSALS.modelUnknown(tagged(name));
  exchange.json(200, showBody(model));
}

/** A server bound to loopback refuses requests whose Host header is a foreign name or a public address. */
function isOwnName(header: string): boolean {
  const name = header
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '')
    .toLowerCase();
  if (isIP(name) !== 0) return /^(127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|::1$|f[cd])/.test(name);
  if (name === '' || name === 'localhost' || name === hostname().toLowerCase()) return true;
  return ['.localhost', '.local', '.internal'].some((suffix) => name.endsWith(suffix));
}
