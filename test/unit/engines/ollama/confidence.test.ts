import { describe, expect, it } from 'vitest';
import { ConfidenceMeter } from '../../../../src/engines/ollama/confidence.js';

interface Entry {
  readonly token: string;
  readonly logprob: number;
  readonly bytes?: readonly number[];
}

function measured(...entries: readonly Entry[]) {
  const meter = new ConfidenceMeter();
  for (const entry of entries) push(meter, entry);
  return meter.confidence();
}

function push(meter: ConfidenceMeter, entry: Entry, thinking = ''): void {
  meter.push({ message: { role: 'assistant', content: entry.token, thinking }, logprobs: [entry] });
}

const token = (text: string, probability: number): Entry => ({ token: text, logprob: Math.log(probability) });
const sure = (count: number) => Array.from({ length: count }, (_, at) => token(` w${at}`, 1));

describe('confidence', () => {
  it('is none where a server gives no values', () => {
    expect(measured()).toBeNull();
  });

  it('is the mean probability of the tokens, and of a short answer the whole is the weakest', () => {
    const confidence = measured(token('Hel', 1), token('lo', 0.5), token(' you', 0.25));
    expect(confidence?.mean).toBeCloseTo(7 / 12);
    expect(confidence?.weakest.text).toBe('Hello you');
    expect(confidence?.weakest.probability).toBeCloseTo(7 / 12);
  });

  it('finds the eight tokens in a row that are least sure', () => {
    const weak = Array.from({ length: 8 }, (_, at) => token(` x${at}`, 0.1));
    const confidence = measured(...sure(50), ...weak, ...sure(50), token(' y', 0.01), ...sure(20));
    expect(confidence?.weakest.text).toBe('x0 x1 x2 x3 x4 x5 x6 x7');
    expect(confidence?.weakest.probability).toBeCloseTo(0.1);
    expect(confidence?.mean).toBeCloseTo((120 + 0.8 + 0.01) / 129);
  });

  it('leaves thoughts out', () => {
    const meter = new ConfidenceMeter();
    push(meter, token('Hm', 0.1), 'Hm');
    push(meter, token('Yes', 0.9));
    expect(meter.confidence()).toEqual({
      mean: expect.closeTo(0.9),
      weakest: { text: 'Yes', probability: expect.closeTo(0.9) },
    });
  });

  it('puts characters together that are made of several tokens, and drops halves of one at the ends', () => {
    const bytes = [...Buffer.from('é€')];
    const parts = bytes.map((byte) => ({ token: '\uFFFD', logprob: -1, bytes: [byte] }));
    expect(measured(...parts)?.weakest.text).toBe('é€');
    expect(measured(...parts.slice(1))?.weakest.text).toBe('€');
  });

  it('is never more than 1, and passes over what is no value', () => {
    expect(measured({ token: 'a', logprob: 0.001 })?.mean).toBe(1);
    const meter = new ConfidenceMeter();
    meter.push({
      message: { role: 'assistant', content: 'x' },
      logprobs: [JSON.parse('{"token":"x","logprob":null}')],
    });
    expect(meter.confidence()).toBeNull();
  });
});
