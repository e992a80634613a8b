import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isSignedBy, type S3Credentials } from './s3-signature.js';

/** An object as a test puts it into a bucket. */
export interface StoredObject {
  readonly bytes: Uint8Array;
  /** Whole seconds, as HTTP has them. */
  readonly modified?: Date;
  /** Whether no version is told. */
  readonly isUnversioned?: boolean;
}

export interface S3Server extends AsyncDisposable {
  readonly url: string;
  /** Method and target of every request, in order. */
  readonly asked: readonly string[];
  /** Objects by bucket and key; a test may change them. */
  readonly buckets: Map<string, Map<string, StoredObject>>;
  /** Answers instead of the server where it returns true. */
  interfere: (request: IncomingMessage, response: ServerResponse) => boolean;
}

export interface S3ServerOptions {
  readonly buckets: Readonly<Record<string, Readonly<Record<string, StoredObject>>>>;
  /** Keys on one page of a listing. @defaultValue 1000, as Amazon */
  readonly pageKeys?: number;
  /** Whose requests are answered; null: anybody's. @defaultValue {@link CREDENTIALS} */
  readonly credentials?: S3Credentials | null;
}

/** What a client in a test signs with. */
export const CREDENTIALS: S3Credentials = {
  accessKeyId: 'AKIATEST',
  secretAccessKey: 'a secret that only tests know',
  region: 'us-east-1',
};

/**
 * A server of the S3 protocol as far as reading goes: `ListObjectsV2` with pages, `GET` with ranges and conditions,
 * `HEAD`, and errors in XML. It refuses what is not signed with version 4, by its own credentials and for its region.
 * Source: Amazon S3 API Reference, the operations' pages and "Error responses".
 */
export async function s3Server({
  buckets,
  credentials = CREDENTIALS,
  pageKeys = 1_000,
}: S3ServerOptions): Promise<S3Server> {
  const asked: string[] = [];
  const state = {
    asked,
    buckets: new Map(Object.entries(buckets).map(([name, keys]) => [name, new Map(Object.entries(keys))])),
    interfere: (_request: IncomingMessage, _response: ServerResponse) => false,
  };
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (!state.interfere(request, response)) answer(request, response, { ...state, credentials, pageKeys });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return Object.assign(state, { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: () => end(server) });
}

async function end(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
}

interface State {
  readonly buckets: S3Server['buckets'];
  readonly pageKeys: number;
  readonly credentials: S3Credentials | null;
}

function answer(request: IncomingMessage, response: ServerResponse, { buckets, credentials, pageKeys }: State): void {
  const url = new URL(request.url ?? '/', 'http://s3');
  const [, bucket = '', key = ''] = /^\/([^/]+)\/?(.*)$/s.exec(decodeURIComponent(url.pathname)) ?? [];
  const objects = buckets.get(bucket);
  const object = objects?.get(key);
  const isList = key === '' && url.searchParams.get('list-type') === '2';
  if (credentials !== null && !isSignedBy(request, credentials)) refuse(response, 403, 'SignatureDoesNotMatch');
  else if (objects === undefined) refuse(response, 404, 'NoSuchBucket');
  else if (isList) list(response, { bucket, objects, query: url.searchParams, pageKeys });
  else if (object === undefined) refuse(response, 404, 'NoSuchKey');
  else give(request, response, object);
}

function give(request: IncomingMessage, response: ServerResponse, object: StoredObject): void {
  const { bytes, isUnversioned = false, modified } = object;
  const etag = etagOf(bytes);
  const time = modified ?? LONG_AGO;
  const told = isUnversioned ? {} : { ETag: etag };
  const headers = { ...told, 'Last-Modified': time.toUTCString(), 'Accept-Ranges': 'bytes' };
  const { 'if-none-match': version, 'if-modified-since': since } = request.headers;
  const isKnown = version === undefined ? since !== undefined && time.getTime() <= Date.parse(since) : version === etag;
  if (isKnown) {
    response.writeHead(304, headers).end();
    return;
  }
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
  const part = first === undefined ? bytes : bytes.subarray(Number(first), Number(last) + 1);
  if (part.length === 0 && first !== undefined) {
    refuse(response, 416, 'InvalidRange');
    return;
  }
  const range = `bytes ${first}-${Number(first) + part.length - 1}/${bytes.length}`;
  const sized = { ...headers, 'Content-Length': part.length };
  if (first === undefined) response.writeHead(200, sized);
  else response.writeHead(206, { ...sized, 'Content-Range': range });
  response.end(request.method === 'HEAD' ? undefined : part);
}

const LONG_AGO = new Date('2020-01-02T03:04:05Z');

/** The MD5 of the bytes, as S3 makes it of an object that was put in one piece. */
function etagOf(bytes: Uint8Array): string {
  return `"${createHash('md5').update(bytes).digest('hex')}"`;
}

interface Listing {
  readonly bucket: string;
  readonly objects: ReadonlyMap<string, StoredObject>;
  readonly query: URLSearchParams;
  readonly pageKeys: number;
}

function list(response: ServerResponse, { bucket, objects, pageKeys, query }: Listing): void {
  const prefix = query.get('prefix') ?? '';
  const after = Buffer.from(query.get('continuation-token') ?? '', 'base64url').toString('utf8');
  const isEncoded = query.get('encoding-type') === 'url';
  const shown = (key: string) => escaped(isEncoded ? encodeURIComponent(key).replaceAll('%20', '+') : key);
  const all = [...objects.keys()]
    .filter((key) => key.startsWith(prefix))
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const from = query.has('continuation-token') ? all.indexOf(after) + 1 : 0;
  const page = all.slice(from, from + pageKeys);
  const isTruncated = from + page.length < all.length;
  const contents = page.map((key) => {
    const { bytes = new Uint8Array(), modified } = objects.get(key) ?? {};
    const time = (modified ?? LONG_AGO).toISOString();
    const etag = escaped(etagOf(bytes));
    return `<Contents><Key>${shown(key)}</Key><LastModified>${time}</LastModified><ETag>${etag}</ETag><Size>${bytes.length}</Size><StorageClass>STANDARD</StorageClass></Contents>`;
  });
  const token = Buffer.from(page.at(-1) ?? '', 'utf8').toString('base64url');
  const next = isTruncated ? `<NextContinuationToken>${token}</NextContinuationToken>` : '';
  const encoding = isEncoded ? '<EncodingType>url</EncodingType>' : '';
  xml(
    response,
    200,
    `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>${bucket}</Name><Prefix>${shown(prefix)}</Prefix><KeyCount>${page.length}</KeyCount><MaxKeys>1000</MaxKeys>${encoding}<IsTruncated>${isTruncated}</IsTruncated>${contents.join('')}${next}</ListBucketResult>`,
  );
}

/** An error as S3 writes it. */
export function refuse(response: ServerResponse, status: number, code: string): void {
  xml(response, status, `<Error><Code>${code}</Code><Message>${code} as a test wants it</Message></Error>`);
}

function xml(response: ServerResponse, status: number, body: string): void {
  response
    .writeHead(status, { 'Content-Type': 'application/xml' })
    .end(`<?xml version="1.0" encoding="UTF-8"?>\n${body}`);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
