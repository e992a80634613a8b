import { inspect } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { discover } from '../../src/inputs/discover.js';
import type { Found } from '../../src/inputs/found.js';
import { resolveInputs } from '../../src/inputs/resolve.js';
import type { S3 } from '../../src/inputs/s3/s3.js';
import { createS3 } from '../../src/inputs/s3/s3-client.js';
import { useS3Environment } from '../support/s3-environment.js';
import { CREDENTIALS, refuse, type S3Server, type S3ServerOptions, s3Server } from '../support/s3-server.js';
import { PLAIN } from '../unit/inputs/folders.js';

const PIXELS = new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3, 4, 5, 6]);
const MODIFIED = new Date('2024-05-06T07:08:09Z');
const image = { bytes: PIXELS, modified: MODIFIED };

useS3Environment({ ...CREDENTIALS, attempts: 2 });

interface Storage extends AsyncDisposable {
  readonly server: S3Server;
  readonly s3: S3;
}

async function storage(
  objects: S3ServerOptions['buckets'][string],
  options: Partial<S3ServerOptions> & { readonly maxBytes?: number; readonly timeoutMs?: number } = {},
): Promise<Storage> {
  const { maxBytes = 1_000, timeoutMs = 10_000, ...others } = options;
  const server = await s3Server({ buckets: { scans: objects }, ...others });
  const s3 = createS3({ maxBytes, timeoutMs, endpoint: server.url });
  return {
    server,
    s3,
    async [Symbol.asyncDispose]() {
      await s3.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function found(given: string, s3: S3, filter: { include?: string[]; exclude?: string[] } = {}): Promise<Found[]> {
  const addresses = { read: s3.read.bind(s3), s3 };
  const inputs = await resolveInputs([given], { ...PLAIN, cwd: '/nowhere', addresses });
  const all: Found[] = [];
  const roots = [{ name: 'nowhere', path: '/nowhere' }] as const;
  for await (const one of discover(inputs, { roots, addresses, include: [], exclude: [], ...filter })) all.push(one);
  return all;
}

const keysOf = (all: readonly Found[]) => all.flatMap((one) => (one.kind === 'item' ? [one.item.key] : []));

describe('an object', () => {
  it('is read by its key as it is: nothing in it is decoded', async () => {
    await using at = await storage({ 'a b/ä%20+.jpg': image });
    expect(await at.s3.read('s3://scans/a b/ä%20+.jpg')).toMatchObject({ bytes: PIXELS });
  });

  it.each([
    ['s3://none/a.jpg', 'IMAGE_MISSING', 'NoSuchBucket'],
    ['s3://scans/', 'IMAGE_UNREADABLE', 's3://BUCKET/KEY'],
    ['s3://../a.jpg', 'IMAGE_UNREADABLE', 's3://BUCKET/KEY'],
  ])('that cannot be read says why: %s', async (url, code, words) => {
    await using at = await storage({});
    await expect(at.s3.read(url)).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
  });

  it.each([
    [403, 'InvalidObjectState', 'IMAGE_FORBIDDEN'],
    [400, 'ExpiredToken', 'STORAGE_FORBIDDEN'],
    [400, 'InvalidToken', 'STORAGE_FORBIDDEN'],
    [400, 'AuthorizationHeaderMalformed', 'STORAGE_FORBIDDEN'],
    [403, 'InvalidAccessKeyId', 'STORAGE_FORBIDDEN'],
    [400, 'RequestTimeout', 'URL_FETCH'],
    [400, 'InvalidRequest', 'IMAGE_UNREADABLE'],
  ])('that the server refuses with %i %s fails as %s', async (status, code, failure) => {
    await using at = await storage({ 'a.jpg': image });
    at.server.interfere = (_, response) => {
      refuse(response, status, code);
      return true;
    };
    await expect(at.s3.read('s3://scans/a.jpg')).rejects.toMatchObject({ code: failure });
  });

  it.each([
    [404, 'NoSuchKey'],
    [403, 'AccessDenied'],
    [500, 'InternalError'],
    [0, 'a closed connection'],
  ])(
    'that cannot be read leaves no trace of the request, its signature or token in the failure: %i %s',
    async (status, code) => {
      vi.stubEnv('AWS_SESSION_TOKEN', 'a-token-of-the-session');
      await using at = await storage({ 'a.jpg': image });
      at.server.interfere = (request, response) => {
        expect(request.headers['x-amz-security-token']).toBe('a-token-of-the-session');
        if (status === 0) request.socket.destroy();
        else refuse(response, status, code);
        return true;
      };
      const thrown: unknown = await at.s3.read('s3://scans/a.jpg').catch((error: unknown) => error);
      vi.stubEnv('AWS_SESSION_TOKEN', undefined);
      expect(thrown).toMatchObject({ code: expect.stringMatching(/^(IMAGE|URL)_/) });
      expect(inspect(thrown, { depth: null, showHidden: true })).not.toMatch(/a-token|AWS4-HMAC|AKIATEST/);
    },
  );
});

describe('a bucket', () => {
  it('of another region than the one that is set is asked there', async () => {
    const credentials = { ...CREDENTIALS, region: 'eu-west-1' };
    await using at = await storage({ 'a.jpg': image }, { credentials });
    at.server.interfere = (request, response) => {
      if (request.headers.authorization?.includes('/us-east-1/s3/') !== true) return false;
      response.setHeader('x-amz-bucket-region', 'eu-west-1');
      refuse(response, 301, 'PermanentRedirect');
      return true;
    };
    expect(await at.s3.read('s3://scans/a.jpg')).toMatchObject({ bytes: PIXELS });
    expect(keysOf(await found('s3://scans/', at.s3))).toEqual(['s3://scans/a.jpg']);
  });

  it('is not read by a client whose secret is another one', async () => {
    await using at = await storage({ 'a.jpg': image }, { credentials: { ...CREDENTIALS, secretAccessKey: 'other' } });
    await expect(at.s3.read('s3://scans/a.jpg')).rejects.toMatchObject({ code: 'IMAGE_FORBIDDEN' });
  });
});

describe('a prefix', () => {
  const objects = {
    'in/b.jpg': image,
    'in/a.png': image,
    'in/deep/c.TIF': image,
    'in/deep/%#é.jpg': image,
    'in/.hidden/d.jpg': image,
    'in/': { bytes: new Uint8Array() },
    'in/notes.txt': image,
    'inside.jpg': image,
  };

  it.each(['s3://scans/in/', 's3://scans/in', 'S3://scans/in/'])(
    'is a folder, in the order of its keys, over pages: %s',
    async (given) => {
      await using at = await storage(objects, { pageKeys: 2 });
      const all = await found(given, at.s3);
      expect(keysOf(all)).toEqual([
        's3://scans/in/a.png',
        's3://scans/in/b.jpg',
        's3://scans/in/deep/%25%23é.jpg',
        's3://scans/in/deep/c.TIF',
      ]);
      expect(all.filter(({ kind }) => kind === 'other')).toEqual([{ kind: 'other', extension: 'txt' }]);
      expect(all).toContainEqual(
        expect.objectContaining({
          item: {
            key: 's3://scans/in/deep/%25%23é.jpg',
            sources: [{ ref: { url: 's3://scans/in/deep/%#é.jpg' }, size: PIXELS.length, mtimeMs: MODIFIED.getTime() }],
            page: 1,
          },
        }),
      );
      expect(at.server.asked).toHaveLength(4);
    },
  );

  it('knows --include and --exclude below itself', async () => {
    await using at = await storage(objects);
    expect(keysOf(await found('s3://scans/in/', at.s3, { exclude: ['deep'] }))).toEqual([
      's3://scans/in/a.png',
      's3://scans/in/b.jpg',
    ]);
    expect(keysOf(await found('s3://scans', at.s3, { include: ['*.jpg'] }))).toHaveLength(3);
  });

  it.each([
    [503, 'SlowDown', 'SlowDown'],
    [403, 'AccessDenied', 'Allow these credentials'],
    [400, 'ExpiredToken', 'Log in'],
  ])('that cannot be listed to its end ends the run with exit 3 and the reason: %i %s', async (status, code, words) => {
    await using at = await storage(objects, { pageKeys: 3 });
    at.server.interfere = (_, response) => {
      if (at.server.asked.length === 1) return false;
      refuse(response, status, code);
      return true;
    };
    const message = expect.stringContaining(words);
    await expect(found('s3://scans/in/', at.s3)).rejects.toMatchObject({ exitCode: 3, message });
  });

  it('may hold keys with a bare %, and keys that are no text: those are failed items', async () => {
    await using at = await storage({ 'in/100%.png': image });
    const keys = ['in/a.png', 'in/b%FF.png', 'in/100%.png'].map((key) => `<Contents><Key>${key}</Key></Contents>`);
    at.server.interfere = (request, response) => {
      if (request.url?.includes('list-type') !== true) return false;
      const body = `<ListBucketResult><EncodingType>url</EncodingType>${keys.join('')}</ListBucketResult>`;
      response.writeHead(200, { 'Content-Type': 'application/xml' }).end(body);
      return true;
    };
    const all = await found('s3://scans/in/', at.s3);
    expect(keysOf(all)).toEqual(['s3://scans/in/a.png', 's3://scans/in/b%FF.png', 's3://scans/in/100%25.png']);
    expect(all[2]).toMatchObject({ item: { sources: [], problem: { code: 'NAME_NOT_UTF8' } } });
    expect(await at.s3.read('s3://scans/in/100%.png')).toMatchObject({ bytes: PIXELS });
  });

  it('whose listing names the same page again and again ends', async () => {
    await using at = await storage(objects);
    const body =
      '<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>x</NextContinuationToken></ListBucketResult>';
    at.server.interfere = (_, response) => {
      response.writeHead(200, { 'Content-Type': 'application/xml' }).end(body);
      return true;
    };
    const message = expect.stringContaining('does not end');
    await expect(found('s3://scans/in/', at.s3)).rejects.toMatchObject({ exitCode: 3, message });
    expect(at.server.asked).toHaveLength(2);
  });
});

describe('an object named itself', () => {
  it('is one item, with size and time as a listing tells them', async () => {
    await using at = await storage({ 'a.jpg': image });
    const [, item] = await found('s3://scans/a.jpg', at.s3);
    expect(item).toMatchObject({
      item: { key: 's3://scans/a.jpg', sources: [{ size: PIXELS.length, mtimeMs: MODIFIED.getTime() }] },
    });
  });

  it('whose storage does not answer ends the run with exit 3: what an earlier start read of it stands', async () => {
    await using at = await storage({ 'a.jpg': image });
    at.server.interfere = (_, response) => {
      refuse(response, 503, 'SlowDown');
      return true;
    };
    await expect(found('s3://scans/a.jpg', at.s3)).rejects.toMatchObject({ exitCode: 3 });
  });

  it('that is not there is a failed item', async () => {
    await using at = await storage({});
    const [, item] = await found('s3://scans/a.jpg', at.s3);
    expect(item).toMatchObject({ item: { key: 's3://scans/a.jpg', problem: { code: 'IMAGE_MISSING' } } });
  });
});

describe('without the AWS SDK', () => {
  const missing = () => {
    const error = new Error("Cannot find package '@aws-sdk/client-s3'");
    return Promise.reject(Object.assign(error, { code: 'ERR_MODULE_NOT_FOUND' }));
  };

  it('a prefix as an input ends the command with exit 3 and how to install it; an object in a list fails alone', async () => {
    const s3 = createS3({ maxBytes: 1, timeoutMs: 1_000, endpoint: null, sdk: missing });
    const fix = 'Install it beside visionbatch: npm install @aws-sdk/client-s3';
    await expect(found('s3://scans/', s3)).rejects.toMatchObject({ exitCode: 3, fix });
    const message = expect.stringContaining(fix);
    await expect(s3.read('s3://scans/a.jpg')).rejects.toMatchObject({ code: 'IMAGE_UNSUPPORTED', message });
    await s3.close();
  });
});
