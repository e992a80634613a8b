import { describe, expect, it } from 'vitest';
import type { Change } from '../../src/core/changes.js';
import { sha256Hex } from '../../src/core/fingerprint.js';
import { createPixels } from '../../src/pixels/prepare.js';
import { LADDER } from '../../workers/ladder.js';
import { anAsk } from '../support/builders.js';
import type { Outcome } from '../support/ollama/faults.js';
import { chatsOf, imagesSent, type SentChat } from '../support/ollama/wire.js';
import { aPage, aScene, type Scene } from './scene.js';

/** What a code of the ladder is seen by on the wire. */
interface Row {
  /** What the host does to cause it. */
  readonly outcome: Outcome;
  /** Of a row that ends with it. */
  readonly status: string;
  /** And its text: the best that any try has brought. */
  readonly kept: string | null;
  /** The questions of each try that is answered to its end, as {@link toldBy} tells them. */
  readonly tries: readonly (readonly string[])[];
  /** Warnings of a row that the second, third, … try has won. */
  readonly won: readonly (readonly string[])[];
  /** A try ends with the first of its questions that fails. */
  readonly endsAtFirst?: true;
}

const SMALLER = ['rescued:smaller'];
const WARMER = 'whole, temperature 0.2, seed 20011';
const BAD = '{"total":"twelve"}';

/** The rest of the ladder needs other hosts or other sources: ladder-elsewhere.test.ts. */
const ROWS: Readonly<Record<Exclude<keyof typeof LADDER, 'ANSWER_STALLED' | 'URL_FETCH'>, Row>> = {
  ANSWER_LOOPED: {
    outcome: { kind: 'loop', text: ' the same words again' },
    status: 'looped',
    kept: ' the same words again ',
    tries: [['whole'], ['whole, temperature 0.2, repeat_penalty 1.15'], ['upper', 'lower'], ['smaller']],
    won: [['rescued:penalty'], ['rescued:halves'], SMALLER],
    endsAtFirst: true,
  },
  ANSWER_TRUNCATED: {
    outcome: { kind: 'length', afterTokens: 2 },
    status: 'truncated',
    kept: 'Dear Sir,\nthe line',
    tries: [
      ['whole'],
      ['whole, num_predict 1200'],
      ['upper, num_predict 1200', 'lower, num_predict 1200'],
      ['smaller, num_predict 1200'],
    ],
    won: [
      ['rescued:more-tokens'],
      ['rescued:more-tokens', 'rescued:halves'],
      ['rescued:more-tokens', 'rescued:smaller'],
    ],
  },
  ANSWER_EMPTY: {
    outcome: { kind: 'empty' },
    status: 'empty',
    kept: '',
    tries: [['whole'], [WARMER], ['upper', 'lower'], ['smaller']],
    won: [['rescued:warmer'], ['rescued:halves'], SMALLER],
  },
  ANSWER_INVALID: {
    outcome: { kind: 'stop', text: BAD },
    status: 'invalid',
    kept: BAD,
    tries: [['whole'], ['whole, 3 turns'], [WARMER], ['whole, 3 turns']],
    won: [['rescued:complaint'], ['rescued:warmer'], ['rescued:complaint']],
  },
  CONTEXT_EXCEEDED: {
    outcome: { kind: 'context' },
    status: 'failed',
    kept: null,
    tries: [['whole'], ['smaller'], ['smaller twice'], ['smaller three times']],
    won: [SMALLER, SMALLER, SMALLER],
    endsAtFirst: true,
  },
  UNEXPECTED: {
    outcome: { kind: 'endless-headers' },
    status: 'failed',
    kept: null,
    tries: [['whole'], ['whole'], ['whole'], ['whole']],
    won: [[], [], []],
    endsAtFirst: true,
  },
};

const UPPER = 'Dear Sir,\nthe line in the middle';
const LOWER = 'the line in the middle\nYours, A.';
const SCHEMA = { type: 'object', properties: { total: { type: 'number' } }, required: ['total'] };
const OCR = ['ocr', 'scans', '--prompt', 'Read {{file.name}}.', '--max-tokens', '600', '--num-ctx', '4096'];
const EXTRACT = ['extract', 'scans', '--prompt', 'Read {{file.name}}.', '--schema', 'total.json'];

describe.each(Object.entries(ROWS))('after %s', (code, ladderRow) => {
  const { endsAtFirst, outcome, tries } = ladderRow;
  const isData = code === 'ANSWER_INVALID';
  /** What is sent in a try that fails. */
  const failing = tries.map((questions) => (endsAtFirst === true ? questions.slice(0, 1) : questions));

  it('each change asks as the table says, wins the row with its warning, and leaves what is true after the last', async () => {
    const images = new Map<string, string>();
    const answer = ({ images: [sha256 = ''] }: { readonly images: readonly string[] }) => answerTo(images.get(sha256));
    await using scene = await aScene({ answer: isData ? () => '{"total":12}' : answer });
    await scene.write('total.json', JSON.stringify(SCHEMA));
    for (const failed of failing.keys()) {
      const name = nameOf(failed + 1);
      await nameImages(images, await scene.write(`scans/${name}`, await aPage(failed)));
      const times = failing.slice(0, failed + 1).flat().length;
      scene.ollama.faults.add({ outcome, prompt: name, times });
    }
    const rows = await scene.rows(1, ...(isData ? EXTRACT : OCR));
    expect(rows).toHaveLength(tries.length);
    for (const [at, row] of rows.entries()) {
      const failures = at + 1;
      expect(row, row.id).toMatchObject(rowAfter(failures, code, ladderRow));
      const shown = (await scene.attempts(row.id)).map((attempt) => [attempt.change, attempt.code]);
      expect(shown, row.id).toEqual(attemptsAfter(failures, code as keyof typeof ROWS));
      const sent = sentFor(scene, row.id);
      const told = sent.map((chat) => toldBy(chat, { images, first: sent[0] }));
      expect(told, row.id).toEqual([...failing.slice(0, failures), tries[failures] ?? []].flat());
    }
  });
});

function nameOf(failures: number): string {
  return `answered-after-${failures}.png`;
}

/** The row of an item whose first tries fail, all of them or but for the last. */
function rowAfter(failures: number, code: string, { kept, status, tries, won }: Row): object {
  const row = { id: nameOf(failures), attempts: Math.min(failures + 1, tries.length) };
  if (failures === tries.length) return { ...row, status, error: { code }, warnings: [], text: kept };
  const text = code === 'ANSWER_INVALID' ? null : textOf(tries[failures]);
  return { ...row, status: 'ok', error: null, warnings: won[failures - 1], text };
}

function attemptsAfter(
  failures: number,
  code: keyof typeof ROWS,
): readonly (readonly [Change | null, string | null])[] {
  const changes: readonly (Change | null)[] = [null, ...LADDER[code]];
  return changes.slice(0, failures + 1).map((change, attempt) => [change, attempt < failures ? code : null] as const);
}

/** The questions about one item, in order. */
function sentFor({ ollama }: Scene, item: string): readonly SentChat[] {
  return chatsOf(ollama.asks).filter(({ messages }) => messages[0]?.content.includes(item));
}

/** Gives what can be sent of a page its name: the page, smaller ones and both halves, as the pixels make them. */
async function nameImages(names: Map<string, string>, page: Buffer): Promise<void> {
  const pixels = createPixels({ threads: 1, maxInputPixels: 4_000_000 });
  const settings = anAsk().pixels;
  for (const [maxSide, name] of [
    [1_200, 'whole'],
    [848, 'smaller'],
    [600, 'smaller twice'],
    [424, 'smaller three times'],
  ] as const) {
    const { image } = await pixels.prepareImage({ bytes: page, page: 1 }, { ...settings, maxSide });
    expect(Math.max(image.width, image.height)).toBe(maxSide);
    names.set(sha256Hex(image.bytes), name);
  }
  const [upper, lower] = (await pixels.prepareHalves({ bytes: page, page: 1 }, settings)) ?? [];
  if (upper === undefined || lower === undefined) throw new Error('Expected a page that can be halved');
  names.set(sha256Hex(upper.bytes), 'upper').set(sha256Hex(lower.bytes), 'lower');
}

/** Of a try that was answered: both halves have the line in the middle, and the page has it once. */
function textOf(questions: readonly string[] = []): string {
  return questions.length === 2 ? 'Dear Sir,\nthe line in the middle\nYours, A.' : answerTo('whole');
}

function answerTo(image: string | undefined): string {
  if (image === 'upper') return UPPER;
  return image === 'lower' ? LOWER : 'Dear Sir';
}

/** A question in words: its image, and whatever of its options and turns differs from the first one. */
function toldBy(
  chat: SentChat,
  { first, images }: { readonly first: SentChat | undefined; readonly images: ReadonlyMap<string, string> },
): string {
  const options = Object.entries(chat.options).filter(([name, value]) => value !== first?.options[name]);
  const turns = chat.messages.length === first?.messages.length ? [] : [`${chat.messages.length} turns`];
  const shown = imagesSent(chat).map((sha256) => images.get(sha256) ?? 'another image');
  return [...shown, ...options.map(([name, value]) => `${name} ${value}`), ...turns].join(', ');
}
