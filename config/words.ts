import { splitLabels } from '../src/core/label-list.js';
import { parsed, refuse, text } from './kinds.js';
import type { Kind } from './setting.js';

/** Words for a model. A server takes a literal `[img` for the place of an image, and an empty question for a preload. */
export const WORDS: Kind<string> = {
  ...text('TEXT|@FILE'),
  type: parsed((raw) => {
    if (typeof raw !== 'string' || raw.trim() === '') return refuse('text', raw);
    if (raw.includes('[img')) return refuse('text without "[img"', raw, 'the server would take it for an image');
    return raw;
  }),
};

/** Labels: `a,b,c`, the lines of a file, or a list in YAML, whose elements may hold commas. */
export const LABELS: Kind<readonly string[]> = {
  placeholder: 'A,B,…|@FILE',
  type: parsed((raw) => {
    const given: readonly unknown[] = typeof raw === 'string' ? splitLabels(raw) : [raw].flat();
    const labels = given.map((label) => (typeof label === 'number' ? String(label) : label));
    const texts = labels.filter((label) => typeof label === 'string').map((label) => label.trim());
    if (texts.length < labels.length || texts.includes('')) return refuse('labels none of which is empty', raw);
    const twice = texts.find((label, at) => texts.indexOf(label) !== at);
    if (twice !== undefined) return refuse('every label once', twice);
    if (texts.some((label) => label.includes('[img'))) return refuse('labels without "[img"', raw);
    return texts.length < 2 ? refuse('two labels or more, such as invoice,letter,other', raw) : texts;
  }),
  show: (labels) => labels.join(','),
};
