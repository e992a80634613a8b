import type { AnswerForm } from '../../src/core/ask.js';
import { isVisible, withoutMarks } from './marks.js';
import { withoutReasoning } from './reasoning.js';
import { refusalIn } from './refusals.js';

/** How answers to an ask are cleaned. */
export interface Cleaning {
  readonly form: AnswerForm;
  /** The questions as they were sent, for a model that begins with them; those with places for values are left out. */
  readonly questions: readonly string[];
}

/** What is left of an answer. */
export interface Cleaned {
  readonly text: string;
  /** What was taken off, such as `fences-removed`. */
  readonly warnings: readonly string[];
  /** Why nothing of it is an answer, in words for people; null where it is one. */
  readonly nothing: string | null;
}

interface Step {
  readonly warning: string;
  /** What is left when it finds nothing else, in words for people. */
  readonly nothing: string;
  /** The text without what this step takes off; the text itself where it finds nothing. */
  remove(text: string, cleaning: Cleaning): string;
}

/** In the order in which models pile these up, the outermost first. Each takes off only what a page does not begin with. */
const STEPS: readonly Step[] = [
  {
    warning: 'reasoning-removed',
    nothing: 'The model thought aloud and never came to an answer.',
    remove: (text, { form }) => (isJson(text, form) ? text : withoutReasoning(text)),
  },
  {
    warning: 'markers-removed',
    nothing: 'The model answered with the mark of an image or of a turn, and nothing else.',
    remove: withoutMarks,
  },
  {
    warning: 'echo-removed',
    nothing: 'The model only repeated the question.',
    remove: (text, { questions }) => questions.reduce(withoutEcho, text),
  },
  { warning: 'preamble-removed', nothing: 'The model announced an answer and gave none.', remove: withoutPreamble },
  {
    warning: 'fences-removed',
    nothing: 'The model answered with an empty block of code.',
    remove: (text, { form }) => withoutFences(text, form),
  },
];

/** Models put layers within layers; this many are taken off, so that an answer of nothing else costs no more. */
const MOST_LAYERS = 8;

/** Takes off what a model puts around its answer, where that is safe, and tells an answer from none. */
export function cleanAnswer(answer: string, cleaning: Cleaning): Cleaned {
  let text = answer.trim();
  const warnings = new Set<string>();
  if (!isVisible(text)) return { text, warnings: [], nothing: 'The model answered with nothing.' };
  for (let layer = 0, before = ''; before !== text && layer < MOST_LAYERS; layer += 1) {
    before = text;
    for (const { warning, nothing, remove } of STEPS) {
      const left = remove(text, cleaning).trim();
      if (left === text) continue;
      if (!isVisible(left)) return { text, warnings: [...warnings], nothing };
      warnings.add(warning);
      text = left;
    }
  }
  return { text, warnings: [...warnings], nothing: refusalIn(text) };
}

/** A value that begins as one has only what is its own inside. */
function isJson(text: string, { kind }: AnswerForm): boolean {
  return (kind === 'data' || kind === 'labels') && /^[{[]/.test(text);
}

/** A question this short may well be a line of the page, too. */
const LEAST_ECHO = 8;
/** One this long is no accident, whatever follows. */
const SURE_ECHO = 40;

function withoutEcho(text: string, question: string): string {
  const echo = question.trim();
  if (echo.length < LEAST_ECHO || !echo.includes(' ') || !text.startsWith(echo)) return text;
  const rest = text.slice(echo.length);
  return rest === '' || /^[ \t]*\n/.test(rest) || echo.length >= SURE_ECHO ? rest : text;
}

const THE_TEXT = '(?:exact |full |complete |verbatim |literal )*(?:transcription|transcript|transcribed text)';
const OF_THE_IMAGE =
  '(?: (?:of|from|in|for|found in|visible in|shown in) (?:all )?(?:the |this |your )?(?:text (?:in|from|of) (?:the |this )?)?(?:provided |given |attached )?(?:image|picture|photo|scan))';

/** A first line that announces the answer. It names a transcription or the image, which a page's own line does not. */
const PREAMBLES: readonly RegExp[] = [
  `(?:(?:sure|certainly|of course)[,.!] *)?here(?:'s|’s| is) (?:the|a|my) ${THE_TEXT}${OF_THE_IMAGE}?(?: as requested)?`,
  `(?:(?:sure|certainly|of course)[,.!] *)?here(?:'s|’s| is) (?:the|a|an) (?:\\w+ )?(?:text|ocr text|caption|description|alt text|content)${OF_THE_IMAGE}`,
  'the (?:text|writing) (?:in|on) the (?:image|picture|photo) (?:is|reads|says)(?: as follows)?',
  'hier ist (?:die|eine) transkription(?: (?:des|vom) (?:text(?:e?s)? (?:im|auf dem|des) )?bild(?:e?s)?)?',
  "voici la transcription(?: (?:du texte )?(?:de|dans) l['’]image)?",
  'aqu[ií] (?:está|tienes) la transcripción(?: (?:del texto )?de la imagen)?',
].map((line) => new RegExp(`^(?:\\*\\*)?${line} *:(?:\\*\\*)?[ \\t]*\\n`, 'i'));

function withoutPreamble(text: string): string {
  return PREAMBLES.reduce((left, preamble) => left.replace(preamble, ''), text);
}

/**
 * A block of code around the whole answer. In Markdown one may be what the page is, a listing, so there only a block of
 * Markdown is taken off; one that names another language stays everywhere.
 */
function withoutFences(text: string, form: AnswerForm): string {
  const [opening = '', ticks, tildes, language = ''] = /^(?:(`{3,})|(~{3,})(?!~))([^\n`]*)\n/.exec(text) ?? [];
  const fence = ticks ?? tildes;
  if (fence === undefined || !text.endsWith(fence) || text.length < opening.length + fence.length) return text;
  const body = text.slice(opening.length, -fence.length);
  if (body.includes(fence)) return text;
  const isMarkdown = /^(?:markdown|md)$/i.test(language.trim());
  const isPlain = /^(?:|te?xt|plain|plaintext|json)$/i.test(language.trim());
  const keepsListings = form.kind === 'page' && form.format === 'markdown';
  return isMarkdown || (isPlain && !keepsListings) ? body : text;
}
