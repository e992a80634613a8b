/** Parameters of a query that are a secret: passwords, keys, tokens and signatures (S3's and Google's, Azure's `sig`). */
const SECRET_PARAMETERS =
  'x-(?:amz|goog)-(?:signature|credential|security-token)|password|passwd|secret|(?:api[-_]?)?key|(?:access[-_]?)?token|auth|sig|signature';

const SECRET_QUERY = new RegExp(`([?&](?:${SECRET_PARAMETERS})=)[^\\s&";'\\\\]+`, 'gi');

/**
 * Replaces the password of every URL in a text, a user without one, who may be a token, the secrets of a query, and the
 * query of a Redis URL, by `***`. A port is no password.
 */
export function redact(text: string): string {
  return text
    .replace(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@";]*):(?!\d{1,5}[/?])[^\s";]*@/gi, '$1:***@')
    .replace(/(\bhttps?:\/\/)[^\s/?#:@";\\]+@/gi, '$1***@')
    .replace(SECRET_QUERY, '$1***')
    .replace(/(\brediss?:\/\/[^\s?";\\]*)\?[^\s";\\]+/gi, '$1?***');
}

/** A URL without user and password, to call an image by; any other text as it is. */
export function withoutUserinfo(url: string): string {
  return url.replace(/^(https?:\/\/)[^/?#\\]*@/i, '$1');
}
