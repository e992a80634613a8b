import { describe, expect, it } from 'vitest';
import { sourceMark } from '../../../src/core/source-mark.js';

const S3 = 'https://b.s3.amazonaws.com/a.jpg?versionId=1&X-Amz-Date=20260101T000000Z&X-Amz-Signature=aa';

describe('the mark of sources', () => {
  it.each([
    ['another path', 'a.png', 'b.png'],
    ['another URL', 'https://shop.example/a.png', 'https://shop.example/b.png'],
    ['another query', 'https://shop.example/a?id=1&expires=5', 'https://shop.example/a?id=2&expires=5'],
    ['another parameter that is called as some are that sign', 'https://h.example/?sp=1', 'https://h.example/?sp=2'],
    ['another version of what is signed', S3, S3.replace('versionId=1', 'versionId=2')],
    ['another order', ['a.png', 'b.png'], ['b.png', 'a.png']],
    ['one more', 'a.png', ['a.png', 'a.png']],
  ])('is another one for %s', (_, before, now) => {
    expect(sourceMark(now)).not.toBe(sourceMark(before));
  });

  it.each([
    ['a list of one', 'a.png', ['a.png']],
    ['another password', 'https://me:old@h.example/a.png', 'https://me:new@h.example/a.png'],
    ['another signature', S3, S3.replace('20260101', '20260102').replace('=aa', '=bb')],
    ['another signature of Azure', 'https://h.example/a?sv=1&se=2&sig=x', 'https://h.example/a?sv=1&se=3&sig=y'],
  ])('is the same for %s', (_, before, now) => {
    expect(sourceMark(now)).toBe(sourceMark(before));
  });
});
