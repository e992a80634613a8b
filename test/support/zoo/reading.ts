/** Edits per character of the truth, 0 for the same text; white space counts as one blank. */
export function characterErrorRate(truth: string, reading: string): number {
  const [a, b] = [truth, reading].map((text) => text.replace(/\s+/g, ' ').trim()) as [string, string];
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, character] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 1; j <= b.length; j += 1) {
      const substituted = (row[j - 1] ?? 0) + (b[j - 1] === character ? 0 : 1);
      next.push(Math.min(substituted, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return (row[b.length] ?? 0) / Math.max(1, a.length);
}
