import { VisionError } from '../../core/errors.js';

/** What the SDK tells of a failed request; nothing of it is sure to be there. */
interface Told {
  /** The service's error code, or the SDK's or the system's. */
  readonly code: string;
  /** HTTP status; null where no answer came. */
  readonly status: number | null;
}

/** The SDK has found no credentials, or the service knows them not, or no longer. */
const NO_CREDENTIALS: ReadonlySet<string> = new Set([
  'CredentialsProviderError',
  'TokenProviderError',
  'ExpiredToken',
  'InvalidAccessKeyId',
  'InvalidToken',
]);

/**
 * What a failed request means for an item: IMAGE_MISSING, IMAGE_FORBIDDEN, IMAGE_UNREADABLE, STORAGE_FORBIDDEN where it
 * means the same for all, or URL_FETCH where the same may work later. The SDK's own error is not passed on: it
 * holds the request, with its signature and session token.
 *
 * @param shown - what was asked for, such as `s3://scans/a.jpg`
 */
export function s3Failure(shown: string, thrown: unknown): VisionError {
  if (thrown instanceof VisionError) return thrown;
  const { code, status } = toldBy(thrown);
  const said = `${shown}: S3 answered ${code}${status === null ? '' : ` (${status})`}.`;
  if (isRegionMissing(thrown)) {
    return new VisionError('URL_FETCH', `${shown} cannot be asked for: no region is set.`, {
      fix: 'Set AWS_REGION.',
    });
  }
  if (NO_CREDENTIALS.has(code)) {
    const sentence = `${shown} cannot be asked for: there are no valid AWS credentials (${code}).`;
    return new VisionError('STORAGE_FORBIDDEN', sentence, { fix: 'Log in, or set AWS_PROFILE.' });
  }
  if (code === 'AuthorizationHeaderMalformed') {
    return new VisionError('STORAGE_FORBIDDEN', said, { fix: "Set AWS_REGION to the bucket's region." });
  }
  if (code === 'InvalidObjectState') {
    return new VisionError('IMAGE_FORBIDDEN', `${shown} lies in an archive class.`, {
      fix: 'Restore it first.',
    });
  }
  if (status === 404) return new VisionError('IMAGE_MISSING', said);
  if (status === 401 || status === 403) {
    return new VisionError('IMAGE_FORBIDDEN', said, { fix: 'Allow these credentials to list and read it.' });
  }
  const isMoment = code === 'RequestTimeout' || status === 408 || status === 429; // S3 sends the first as a 400
  const isOwnFault = status !== null && status >= 400 && status < 500 && !isMoment;
  if (isOwnFault) return new VisionError('IMAGE_UNREADABLE', said);
  if (status !== null) return new VisionError('URL_FETCH', said);
  return new VisionError('URL_FETCH', `Asking for ${shown} failed: ${code}.`);
}

/** HTTP status of the answer that the SDK has thrown; null where there was none. */
export function statusOf(thrown: unknown): number | null {
  return toldBy(thrown).status;
}

function toldBy(thrown: unknown): Told {
  if (!(thrown instanceof Error)) return { code: String(thrown), status: null };
  const metadata = '$metadata' in thrown ? thrown.$metadata : null;
  const hasStatus = typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata;
  const status = hasStatus && typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : null;
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : thrown.name;
  return { code, status };
}

function isRegionMissing(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.message === 'Region is missing';
}
