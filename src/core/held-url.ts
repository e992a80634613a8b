const SCHEME = 'bytes:';

/** The URL under which a run knows bytes that the process itself holds. */
export function heldUrl(name: string): string {
  return `${SCHEME}${name}`;
}

/** Whether a URL stands for bytes that the process itself holds. */
export function isHeldUrl(url: string): boolean {
  return url.startsWith(SCHEME);
}
