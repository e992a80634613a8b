import { hash } from 'node:crypto';

/** 66 bits: two sources of one item never meet by chance. */
const MARK_CHARACTERS = 11;

/**
 * A short mark of where an item's images are: another one where a path, a member, a column or a URL is another.
 *
 * @param names - as they stand in the item's row
 */
export function sourceMark(names: string | readonly string[]): string {
  const lasting = [names].flat().map(withoutSecrets);
  return hash('sha256', JSON.stringify(lasting), 'base64url').slice(0, MARK_CHARACTERS);
}

/** What signed URLs carry beside the address: S3 and Google (`X-Amz-`, `X-Goog-`), their older ways, CloudFront, Azure. */
const SIGNING =
  /^(?:x-amz-.*|x-goog-.*|awsaccesskeyid|googleaccessid|signature|expires|key-pair-id|policy|s[eprtv]|spr|sig|sk[estv]|skoid|sktid)$/;
const SIGNATURES: ReadonlySet<string> = new Set(['x-amz-signature', 'x-goog-signature', 'signature', 'sig']);

/** A URL without what is new every night though the image is the same: its credentials, or its signature. */
function withoutSecrets(name: string): string {
  if (!/^https?:\/\//i.test(name) || !URL.canParse(name)) return name;
  const url = new URL(name);
  url.username = '';
  url.password = '';
  const parameters = [...new Set(url.searchParams.keys())];
  if (!parameters.some((parameter) => SIGNATURES.has(parameter.toLowerCase()))) return url.href;
  for (const parameter of parameters) if (SIGNING.test(parameter.toLowerCase())) url.searchParams.delete(parameter);
  return url.href;
}
