/** The labels of a text, as they stand in it: its lines, or where it has only one what lies between its commas. */
export function splitLabels(text: string): readonly string[] {
  const lines = text.trim().split(/\r?\n/);
  return lines.length > 1 ? lines : text.split(',');
}
