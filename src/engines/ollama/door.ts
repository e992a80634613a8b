import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import type { SourcedText } from '../../core/sourced-text.js';

/** What a server wants to be shown, and by whom its own certificate may be signed. */
export interface DoorOptions {
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, SourcedText>>;
  /** Sent with every request as `Authorization: Bearer`. */
  readonly key: SourcedText | null;
  /** Certificates in PEM that are trusted beside the usual ones. */
  readonly ca: SourcedText | null;
}

export const NO_DOOR: DoorOptions = { headers: {}, key: null, ca: null };

/** How one server lets us in. */
export class Door {
  /** Sent with every request. They hold secrets. */
  readonly headers: Readonly<Record<string, string>>;
  /** What is shown to the server, by where it is from, such as `the key of env:GPU_KEY`; null for nothing. */
  readonly shown: string | null;
  /** Null for the usual trust. */
  readonly secureContext: SecureContext | null;
  readonly #secrets: readonly string[];

  /** @param url - whose user and password are sent as Basic */
  constructor(url: URL, { ca, headers, key }: DoorOptions) {
    const basic = basicAuth(url);
    const named = Object.entries(headers);
    this.headers = {
      ...Object.fromEntries(named.map(([name, { text }]) => [name, text])),
      ...(basic === null ? {} : { Authorization: `Basic ${basic}` }),
      ...(key === null ? {} : { Authorization: `Bearer ${key.text}` }),
    };
    const words = [
      ...(basic === null ? [] : ['the user and password of its URL']),
      ...(key === null ? [] : [`the key of ${key.from}`]),
      ...named.map(([name, { from }]) => `the header ${name} of ${from}`),
    ];
    this.shown = words.length === 0 ? null : words.join(' and ');
    this.secureContext = ca === null ? null : createSecureContext({ ca: [...rootCertificates, ca.text] });
    const texts = [key?.text, basic, decodeURIComponent(url.password), ...named.map(([, { text }]) => text)];
    this.#secrets = texts.flatMap((text) => text || []);
  }

  /** A server's words without the secrets that it may repeat. */
  veil(text: string): string {
    return this.#secrets.reduce((veiled, secret) => veiled.replaceAll(secret, '***'), text);
  }
}

function basicAuth(url: URL): string | null {
  if (url.username === '' && url.password === '') return null;
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return Buffer.from(pair, 'utf8').toString('base64');
}
