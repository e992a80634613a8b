import type { AnswerForm, Ask } from '../../src/core/ask.js';
import { VisionError } from '../../src/core/errors.js';
import { splitLabels } from '../../src/core/label-list.js';
import type { VisionJob } from '../vision-job.js';
import { literal } from './template.js';

/** The carried columns of an item. */
type Row = VisionJob['vars'];

const FEWEST = 2;
/** A cell is shown up to here, in characters. */
const LONGEST_SHOWN = 100;

/** The place in a question where the labels of a row are listed. */
export function labelsPlace(column: string): string {
  return `{{${column}}}`;
}

/** Labels as a question lists them. */
export function labelLines(labels: readonly string[]): string {
  return labels.map((label) => `- ${literal(label)}`).join('\n');
}

/**
 * The ask as it is for one item: where rows list their labels, with those of its row in the question and the form; else
 * the ask itself.
 */
export function askOfRow(ask: Ask, row: Row): Ask {
  const { form, prompt } = ask;
  if (form.kind !== 'labels' || form.labelsFrom === undefined) return ask;
  const { labelsFrom, multi } = form;
  const labels = labelsIn(cellOf(row, labelsFrom));
  const place = labelsPlace(labelsFrom);
  const at = prompt.lastIndexOf(place); // a user's own words stand before it
  const [before, after] = at < 0 ? [prompt, ''] : [prompt.slice(0, at), prompt.slice(at + place.length)];
  return { ...ask, prompt: `${before}${labelLines(labels)}${after}`, form: { kind: 'labels', labels, multi } };
}

/**
 * Refuses an item whose row leaves nothing to choose from.
 *
 * @throws VisionError REQUEST_REFUSED
 */
export function refuseFewLabels(form: AnswerForm, row: Row): void {
  if (form.kind !== 'labels' || form.labelsFrom === undefined) return;
  const cell = cellOf(row, form.labelsFrom);
  if (labelsIn(cell).length >= FEWEST) return;
  const shown = cell.length > LONGEST_SHOWN ? `${cell.slice(0, LONGEST_SHOWN)}…` : cell;
  throw new VisionError(
    'REQUEST_REFUSED',
    `Expected column \`${form.labelsFrom}\` to list two labels or more, got ${JSON.stringify(shown)}.`,
    { fix: 'Write them with commas between them (invoice,letter,other), or as a list in JSON (["invoice","letter"]).' },
  );
}

function cellOf(row: Row, column: string): string {
  return row !== undefined && Object.hasOwn(row, column) ? (row[column] ?? '') : '';
}

/** The labels that a cell lists, each once and without the blanks around it; none where it is a list of other things. */
function labelsIn(cell: string): readonly string[] {
  const all = /^\s*\[.*\]\s*$/s.test(cell) ? jsonList(cell) : splitLabels(cell);
  const labels = all.map((label) => (typeof label === 'number' ? `${label}` : label));
  const texts = labels.filter((label) => typeof label === 'string');
  if (texts.length < labels.length) return [];
  return [...new Set(texts.map((label) => label.trim()).filter((label) => label !== ''))];
}

/** The elements of a list as JSON lines and Parquet carry it; none of `['a', 'b']`, as Python writes lists into a CSV. */
function jsonList(cell: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(cell);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
