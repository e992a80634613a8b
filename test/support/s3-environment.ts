import { afterAll, beforeAll, vi } from 'vitest';

/** What the AWS SDK finds in the environment. */
export interface S3Environment {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  /** How often it asks before it gives up. */
  readonly attempts: number;
}

/** Who a server that checks no signature lets in: anybody. */
export const ANYBODY: S3Environment = {
  accessKeyId: 'anybody',
  secretAccessKey: 'anything',
  region: 'us-east-1',
  attempts: 1,
};

/** Sets the SDK's environment for the tests of a file. */
export function useS3Environment({ accessKeyId, secretAccessKey, region, attempts }: S3Environment): void {
  beforeAll(() => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', secretAccessKey);
    vi.stubEnv('AWS_REGION', region);
    vi.stubEnv('AWS_MAX_ATTEMPTS', String(attempts));
    vi.stubEnv('AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED', 'true');
  });
  afterAll(() => vi.unstubAllEnvs());
}
