/** A place in S3 storage. A key is any text; unlike a URL's path it is never percent-decoded. */
export interface S3Place {
  readonly bucket: string;
  /** `''` for the bucket itself. */
  readonly key: string;
}

/** Whether a text is an `s3://` URL, in order or not. */
export function isS3Url(text: string): boolean {
  return /^s3:\/\//i.test(text);
}

/**
 * The place that `s3://BUCKET[/KEY]` names; null where the bucket's name is none.
 * Source: Amazon S3 User Guide, "Bucket naming rules"; capitals and `_` stand in old names.
 */
export function s3PlaceOf(url: string): S3Place | null {
  const [, bucket, key = ''] = /^s3:\/\/([a-z0-9][a-z0-9._-]{1,253}[a-z0-9])(?:\/(.*))?$/is.exec(url) ?? [];
  return bucket === undefined || bucket.includes('..') ? null : { bucket, key };
}

/** The inverse of {@link s3PlaceOf}. */
export function s3UrlOf({ bucket, key }: S3Place): string {
  return `s3://${bucket}/${key}`;
}
