import type { SourceRef } from '../../src/core/item.js';
import { withoutUserinfo } from '../../src/core/redact.js';
import type { VisionJob } from '../vision-job.js';

/** `{{{{` stands for two braces as they are; `{{ name }}` for a value, blanks around the name or not. */
const PLACES = /\{\{\{\{|\{\{\s*([^{}]+?)\s*\}\}/g;

/** What a text can be filled with beside an item's columns. */
export const FILE_FACTS = ['id', 'page', 'file.path', 'file.name', 'file.stem', 'file.folder'] as const;
type FileFact = (typeof FILE_FACTS)[number];

/** The names that a text asks for, each once, in order. */
export function templateNames(text: string): readonly string[] {
  return [...new Set([...text.matchAll(PLACES)].flatMap(([, name]) => name ?? []))];
}

/**
 * A text with values in the places of their names; a name without a value is nothing. Values are taken as they are: one
 * that holds `{{` is not filled in again.
 */
export function fillTemplate(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(PLACES, (_, name?: string) => {
    if (name === undefined) return '{{';
    return Object.hasOwn(values, name) ? (values[name] ?? '') : '';
  });
}

/** A text that comes out of {@link fillTemplate} as it is. */
export function literal(text: string): string {
  return text.replaceAll('{{', '{{{{');
}

/** What the texts of an ask are filled with for one item: its carried columns, which go before the facts of its file. */
export function templateValues(
  job: Pick<VisionJob, 'key' | 'page' | 'sources' | 'vars'>,
): Readonly<Record<string, string>> {
  return { ...fileFacts(job), ...job.vars };
}

/** Facts of the first file; a URL's are those of its path. */
function fileFacts({ key, page, sources }: Pick<VisionJob, 'key' | 'page' | 'sources'>): Record<FileFact, string> {
  const path = pathOf(sources[0]);
  const cut = path.lastIndexOf('/');
  const name = path.slice(cut + 1);
  const folder = path.slice(0, Math.max(0, cut));
  const stem = name.replace(/(?<=.)\.[^.]*$/, '');
  return {
    id: key,
    page: String(page),
    'file.path': path,
    'file.name': name,
    'file.stem': stem,
    'file.folder': folder,
  };
}

function pathOf(source: SourceRef | undefined): string {
  if (source === undefined || 'bytes' in source) return '';
  return 'path' in source ? source.path : withoutUserinfo(source.url).replace(/[?#].*$/s, '');
}
