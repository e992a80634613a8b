import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { messageOf } from '../src/core/errors.js';
import { SourcedText } from '../src/core/sourced-text.js';
import { parsed, Refusal, refuse, text } from './kinds.js';
import type { Place } from './place.js';
import type { Kind } from './setting.js';

/** `env:NAME` or `file:PATH`: a secret by where it is. Written out it is refused, and not shown. */
export const SECRET: Kind<SourcedText> = {
  placeholder: 'env:NAME|file:PATH',
  type: parsed(secretSource),
  show: String,
  read: readBy(readSecret),
};

/** A file of certificates in PEM. */
export const CERTIFICATES: Kind<SourcedText> = {
  placeholder: 'FILE',
  type: parsed((raw) => (typeof raw === 'string' && raw !== '' ? new SourcedText(raw) : refuse('a file', raw))),
  show: String,
  read: readBy(readCertificates),
};

/** A file by its whole path, so that it can be read again from anywhere. */
export const WHOLE_PATH: Kind<string> = { ...text('FILE'), read: async (file, { folder }) => resolve(folder, file) };

function secretSource(raw: unknown): SourcedText {
  if (typeof raw === 'string' && /^(env:[^\s=]+|file:.+)$/.test(raw)) return new SourcedText(raw);
  throw new Refusal('Expected env:NAME or file:PATH, got something else, which is not shown');
}

/** Reads the text, or complains and leaves it unread. */
function readBy(read: (from: string, place: Place) => Promise<string>): NonNullable<Kind<SourcedText>['read']> {
  return async (named, reading) => {
    try {
      return new SourcedText(named.from, await read(named.from, reading));
    } catch (thrown) {
      if (!(thrown instanceof Refusal)) throw thrown;
      reading.complain([], thrown.message);
      return named;
    }
  };
}

/** What a header can carry. */
const HEADER_VALUE = /^[\t\x20-\x7e]+$/;

async function readSecret(from: string, place: Place): Promise<string> {
  const [scheme, name] = [from.slice(0, from.indexOf(':')), from.slice(from.indexOf(':') + 1)];
  const secret = (scheme === 'env' ? variable(name, place) : await fileText(name, place)).trim();
  if (HEADER_VALUE.test(secret)) return secret;
  throw new Refusal(
    `Expected ${from} to hold one line of plain characters, got ${secret === '' ? 'nothing' : 'others, which are not shown'}`,
  );
}

function variable(name: string, place: Place): string {
  const value = place.variable(name);
  if (value === null) throw new Refusal(`Expected the variable ${name} to be set, got none`);
  return value;
}

async function readCertificates(file: string, place: Place): Promise<string> {
  const pem = await fileText(file, place);
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/gs) ?? [];
  if (blocks.length > 0 && blocks.every(isCertificate)) return blocks.join('\n');
  throw new Refusal(`Expected ${file} to hold certificates (PEM, -----BEGIN CERTIFICATE-----), got something else`);
}

function isCertificate(block: string): boolean {
  try {
    return new X509Certificate(block).subject !== undefined;
  } catch {
    return false;
  }
}

async function fileText(file: string, { folder }: Place): Promise<string> {
  try {
    return await readFile(resolve(folder, file), 'utf8');
  } catch (thrown) {
    throw new Refusal(`${file} cannot be read (${messageOf(thrown)})`);
  }
}
