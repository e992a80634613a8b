import type { Settings } from '../../../config/schema.js';
import { FILE_FACTS, templateNames } from '../../../jobs/tasks/template.js';
import type { Ask } from '../../core/ask.js';
import { EXIT, ExitError } from '../../core/exit.js';
import type { ModelProfile } from '../../engines/profiles/profile.js';
import type { RunMeta } from '../../results/run-meta.js';
import { tableOf } from '../table.js';

/** A start, as far as its ask may be one that cannot be asked. */
export interface AskedStart {
  readonly meta: Pick<RunMeta, 'ask' | 'carried'>;
  readonly settings: Pick<Settings, 'columns' | 'explode'>;
}

/**
 * Refuses what would fail with every item, before the first one.
 *
 * @throws ExitError 2 for a name in the words or a column of labels that no item has, for several images to a model that
 * takes one, and for `--explode` of a column that holds no lists
 */
export function refuseAsk({ meta, settings }: AskedStart): void {
  const { ask, carried = [] } = meta;
  refuseLabelsColumn(ask, carried);
  refuseNames(ask, carried);
  refuseSingleImage(ask);
  if (settings.explode !== null) tableOf(meta, settings);
}

function refuseLabelsColumn({ form }: Ask, carried: readonly string[]): void {
  if (form.kind !== 'labels' || form.labelsFrom === undefined || carried.includes(form.labelsFrom)) return;
  const fix = carried.length === 0 ? 'Name a table among the inputs.' : `There are: ${carried.join(', ')}.`;
  const message = `Expected \`--labels-column\` to be a column of a table, got ${JSON.stringify(form.labelsFrom)}.`;
  throw new ExitError(EXIT.usage, message, { fix });
}

function refuseNames({ form, prompt, system }: Ask, carried: readonly string[]): void {
  const texts = [system ?? '', prompt, ...(form.kind === 'answers' ? form.questions : [])];
  const names = [...carried, ...FILE_FACTS];
  const unknown = texts.flatMap(templateNames).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  throw new ExitError(
    EXIT.usage,
    `Expected \`{{${unknown}}}\` to name a column or a fact of the file, got no such name.`,
    {
      fix: `There are: ${names.join(', ')}. Two braces that are meant as such are written {{{{.`,
    },
  );
}

function refuseSingleImage({ model, profile, stitch, task }: Ask): void {
  if (task !== 'compare' || stitch || profile.maxImages > 1) return;
  throw new ExitError(EXIT.usage, `Expected a model that takes several images, got ${model}, which is made for one.`, {
    fix: 'Add --stitch to lay the images of a group side by side on one canvas, or --model gemma3, qwen2.5vl or qwen3-vl.',
  });
}

/** What is doubtful about an ask of this model, a sentence each. */
export function askDoubts({ form, model, prompt, task }: Ask, profile: ModelProfile | null): readonly string[] {
  if (profile === null || profile.ocrPrompt === null) return [];
  const own = JSON.stringify(profile.ocrPrompt);
  if (task !== 'ocr')
    return [`${model} reads text and was trained on one question, ${own}: it may not be able to ${task}.`];
  if (prompt !== profile.ocrPrompt) {
    return [`${model} was trained on one question, ${own}. It is asked another one, and may repeat itself or invent.`];
  }
  const isPlain = form.kind !== 'page' || form.format === 'text';
  return isPlain ? [] : [`${model} is asked its own question, ${own}, which knows no --format ${form.format}.`];
}
