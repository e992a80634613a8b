const TURN = 2 * Math.PI;
const WORD = 2 ** 32;

/**
 * How many times the median an image takes, where times are log-normal with this sigma: the same for the same image, by
 * its SHA-256 in hex (Box–Muller on its first two words). 1 where there is no image.
 */
export function serviceFactor(sha256: string | null, sigma: number): number {
  if (sha256 === null || sigma === 0) return 1;
  const [first, second] = [wordAt(sha256, 0), wordAt(sha256, 8)];
  const normal = Math.sqrt(-2 * Math.log((first + 1) / (WORD + 1))) * Math.cos((TURN * second) / WORD);
  return Math.exp(sigma * normal);
}

function wordAt(sha256: string, at: number): number {
  return Number.parseInt(sha256.slice(at, at + 8), 16);
}
