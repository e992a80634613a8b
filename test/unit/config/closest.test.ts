import { describe, expect, it } from 'vitest';
import { closest } from '../../../config/closest.js';
import { redact } from '../../../src/core/redact.js';

describe('a suggestion', () => {
  it.each([
    ['langg', 'lang'],
    ['Silencetimeout', 'silenceTimeout'],
    ['outptu', 'output'],
  ])('for %s is %s', (word, meant) => {
    expect(closest(word, ['model', 'lang', 'output', 'silenceTimeout'])).toBe(meant);
  });

  it('is not made where nothing is near', () => {
    expect(closest('banana', ['lang', 'model'])).toBeUndefined();
    expect(closest('xy', ['ab'])).toBeUndefined();
  });
});

describe('redaction', () => {
  it.each([
    ['redis://user:secret@queue:6379/1', 'redis://user:***@queue:6379/1'],
    ['rediss://:se:cr/et@queue', 'rediss://:***@queue'],
    ['http://u:p@ss@gpu', 'http://u:***@gpu'],
    ['redis://queue?password=secret', 'redis://queue?***'],
    ['https://ghp_secret@h/a.jpg', 'https://***@h/a.jpg'],
    [
      'https://b.s3/k?X-Amz-Credential=secret&X-Amz-Signature=secret&x=1',
      'https://b.s3/k?X-Amz-Credential=***&X-Amz-Signature=***&x=1',
    ],
    [
      '"https://b/k?sv=1&sig=secret%3D" https://h/?access_token=secret',
      '"https://b/k?sv=1&sig=***" https://h/?access_token=***',
    ],
    ['{"m":"a \\"https://h/?key=secret\\" b"}', '{"m":"a \\"https://h/?key=***\\" b"}'],
    ['http://a:secret@x;http://b:secret@y', 'http://a:***@x;http://b:***@y'],
  ])('of %s is %s', (text, shown) => {
    expect(redact(text)).toBe(shown);
  });

  it('leaves other text alone', () => {
    const text = 'mail a@b.c, see http://gpu1:11434/x@y and 12:30, http://h/a?size=1&monkey=2 http://h?x@y';
    expect(redact(text)).toBe(text);
  });
});
