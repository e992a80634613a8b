/** A sentence about a host, which names it once. */
export function ofHost(host: string, sentence: string): string {
  return sentence.includes(host) ? sentence : `${host}: ${sentence}`;
}
