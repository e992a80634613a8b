/** Numbers and times as people read them. */

/** `1234567` → `1,234,567`. */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** A count and its noun: `1 row`, `2 rows`. */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}

/** Milliseconds in two units at most: `850 ms`, `12 s`, `3 min 20 s`, `4 h 5 min`, `2 d 3 h`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  const seconds = Math.round(ms / 1_000);
  const steps = [
    ['d', 86_400],
    ['h', 3_600],
    ['min', 60],
    ['s', 1],
  ] as const;
  const at = steps.findIndex(([, size]) => seconds >= size);
  const [first, second] = steps.slice(at);
  if (first === undefined || second === undefined) return `${seconds} s`;
  const whole = Math.floor(seconds / first[1]);
  const rest = Math.floor((seconds % first[1]) / second[1]);
  return rest === 0 ? `${whole} ${first[0]}` : `${whole} ${first[0]} ${rest} ${second[0]}`;
}

/** Items per second, per minute where it is less than one; `-` where nothing moves. */
export function rate(perS: number): string {
  if (perS <= 0) return '-';
  if (perS < 1) return `${(perS * 60).toFixed(1)}/min`;
  return `${perS >= 100 ? count(Math.round(perS)) : perS.toFixed(1)}/s`;
}

/** Whole percent, 100 only when all is done. */
export function percent(done: number, total: number): string {
  return total === 0 ? '0 %' : `${Math.floor((done / total) * 100)} %`;
}

/** One line without control characters: what hosts and files are called must not steer a terminal. */
export function oneLine(text: string): string {
  return text
    .replace(/\p{Cc}+/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
}

/** Cut to `width` characters, with an ellipsis where something was cut. */
export function clip(text: string, width: number): string {
  const characters = [...text];
  return characters.length <= width ? text : `${characters.slice(0, Math.max(0, width - 1)).join('')}…`;
}

/**
 * Rows of cells under each other, two blanks between columns, no blanks at the end.
 *
 * @param align - one letter a column: `l` left, `r` right
 */
export function table(rows: readonly (readonly string[])[], align: string): readonly string[] {
  const widths = [...align].map((_, column) => Math.max(0, ...rows.map((row) => [...(row[column] ?? '')].length)));
  return rows.map((row) =>
    widths
      .map((width, column) =>
        align[column] === 'r' ? (row[column] ?? '').padStart(width) : (row[column] ?? '').padEnd(width),
      )
      .join('  ')
      .trimEnd(),
  );
}
