import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Whom a server knows, and the region that it answers for. */
export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;

/**
 * Whether a request without a body is signed with these credentials.
 * Source: AWS documentation, "Create a signed AWS API request" (Signature Version 4, header-based), and Amazon S3 API
 * Reference, "Authenticating Requests: Using the Authorization Header": of S3 the path is not encoded twice.
 */
export function isSignedBy(request: IncomingMessage, { accessKeyId, region, secretAccessKey }: S3Credentials): boolean {
  const [, id, day = '', scope, names = '', signature = ''] =
    AUTHORIZATION.exec(request.headers.authorization ?? '') ?? [];
  const time = headerOf(request, 'x-amz-date');
  const isComplete = /^\d{8}T\d{6}Z$/.test(time) && time.startsWith(day) && names.split(';').includes('host');
  if (id !== accessKeyId || scope !== region || !isComplete) return false;
  const toSign = ['AWS4-HMAC-SHA256', time, `${day}/${region}/s3/aws4_request`, sha256(canonical(request, names))];
  const key = [day, region, 's3', 'aws4_request'].reduce<Buffer | string>(hmac, `AWS4${secretAccessKey}`);
  return timingSafeEqual(hmac(key, toSign.join('\n')), Buffer.from(signature, 'hex'));
}

/** The canonical request: method, path, query, headers, their names, hash of the body. */
function canonical(request: IncomingMessage, names: string): string {
  const { method = '', url = '' } = request;
  const [path = '', query = ''] = url.split('?');
  const sorted = query
    .split('&')
    .filter((parameter) => parameter !== '')
    .map((parameter) => (parameter.includes('=') ? parameter : `${parameter}=`))
    .sort();
  const headers = names.split(';').map((name) => `${name}:${headerOf(request, name).trim().replace(/ +/g, ' ')}\n`);
  return [method, path, sorted.join('&'), headers.join(''), names, headerOf(request, 'x-amz-content-sha256')].join(
    '\n',
  );
}

function headerOf({ headers }: IncomingMessage, name: string): string {
  return [headers[name] ?? ''].flat().join(',');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
