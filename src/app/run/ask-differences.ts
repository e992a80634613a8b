import type { AskKey } from '../../../config/schema.js';
import { canonicalJson } from '../../core/canonical-json.js';
import type { PinnedAsk } from './ask-words.js';

/** One way in which what the user now asks differs from what the run began with. */
export interface AskDifference {
  /** As the user knows it, such as `--model`. */
  readonly name: string;
  readonly before: string;
  readonly now: string;
}

const COLUMNS = "the task's columns";

/** What only single tasks have. */
const OF_A_TASK = [
  '--format',
  '--style',
  '--question',
  '--labels',
  '--labels-column',
  '--multi',
  '--schema',
  '--stitch',
  '--pdf-text',
  '--blank-check',
  '--rotate',
  '--deskew',
  COLUMNS,
] as const;

/** What the words follow from, beside the user's own. */
const DECIDING: ReadonlySet<string> = new Set(['task', '--host', '--model', '--lang', ...OF_A_TASK]);

/** Every difference between two asks, by the names that users know. What follows from another one is left out. */
export function askDifferences(before: PinnedAsk, now: PinnedAsk): readonly AskDifference[] {
  const [then, present] = [valuesOf(before), valuesOf(now)];
  const all = Object.keys(present).flatMap((name) => {
    const [was, is] = [canonicalJson(then[name] ?? null), canonicalJson(present[name] ?? null)];
    return was === is ? [] : [{ name, ...excerpts(was, is) }];
  });
  const follows = followers(new Set(all.map(({ name }) => name)));
  return all.filter(({ name }) => {
    const key = follows.get(name);
    return key === undefined || (key !== null && before.given[key] !== now.given[key]);
  });
}

/** What follows from others among these, and the setting by which the user may have changed it all the same. */
function followers(names: ReadonlySet<string>): ReadonlyMap<string, AskKey | null> {
  const follows = new Map<string, AskKey | null>();
  if (names.has('task')) {
    for (const name of OF_A_TASK) follows.set(name, null);
    follows.set('--max-tokens', 'maxTokens');
  }
  if (names.has('--labels-column')) follows.set('--labels', null);
  if (names.has('--pixels')) follows.set('--blank-check', 'blankCheck');
  if (names.has('--prompt')) follows.set('--profiles', null); // a model's stop texts end its own question alone
  if (names.has('--model') || names.has('--host')) follows.set('--max-side', 'maxSide');
  if ([...names].some((name) => DECIDING.has(name))) {
    follows.set('--prompt', 'prompt').set('--system', 'system').set('--profiles', null);
  }
  return follows;
}

function valuesOf({ ask, given }: PinnedAsk): Readonly<Record<string, unknown>> {
  const { form, options, pixels } = ask;
  return {
    task: ask.taskName,
    '--host': ask.engine,
    '--model': ask.model,
    '--profiles': {
      leastSide: pixels.leastSide,
      multiple: pixels.multiple,
      fixedSide: pixels.fixedSide,
      stop: options.stop,
    },
    '--system': ask.system,
    '--prompt': ask.prompt,
    '--lang': ask.lang,
    '--format': form.kind === 'page' ? form.format : null,
    '--style': ask.task === 'caption' ? (given.style ?? 'short') : null,
    '--question': form.kind === 'answers' ? form.questions : ask.task === 'ask' ? [ask.prompt] : null,
    '--labels': form.kind === 'labels' ? form.labels : null,
    '--labels-column': form.kind === 'labels' ? (form.labelsFrom ?? null) : null,
    '--multi': form.kind === 'labels' ? form.multi : null,
    '--schema': form.kind === 'data' ? form.schema : null,
    [COLUMNS]: form.kind === 'data' ? form.columns : null,
    '--stitch': ask.stitch,
    '--temperature': options.temperature,
    '--max-tokens': options.maxTokens,
    '--seed': options.seed,
    '--option': options.extra,
    '--pixels': pixels.mode,
    '--max-side': pixels.maxSide,
    '--max-pixels': pixels.maxPixels,
    '--dpi': pixels.dpi,
    '--pdf-text': ask.pdfText,
    '--blank-check': pixels.blankCheck,
    '--rotate': pixels.rotate,
    '--deskew': pixels.deskew,
  };
}

/** Longest value that is shown whole, and what is shown of a longer one, in characters. */
const WHOLE = 160;
const BEFORE = 40;

/** Both values, or of long ones the place where they part. */
function excerpts(before: string, now: string): Pick<AskDifference, 'before' | 'now'> {
  if (Math.max(before.length, now.length) <= WHOLE) return { before, now };
  let at = 0;
  while (at < before.length && before[at] === now[at]) at += 1;
  const from = Math.max(0, at - BEFORE);
  const cut = (text: string): string =>
    `${from > 0 ? '…' : ''}${text.slice(from, from + WHOLE)}${text.length > from + WHOLE ? '…' : ''}`;
  return { before: cut(before), now: cut(now) };
}
