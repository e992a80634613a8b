import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyOfPath, pageKey, pathOfKey } from '../../../src/core/keys.js';

describe('item keys', () => {
  it('keep a plain path as it is', () => {
    expect(keyOfPath('scans/a b,"c".jpg')).toBe('scans/a b,"c".jpg');
  });

  it('escape percent, hash and bytes that are not UTF-8', () => {
    expect(keyOfPath('50%#1.png')).toBe('50%25%231.png');
    expect(keyOfPath(Buffer.from([0x61, 0xff, 0x62]))).toBe('a%FFb');
    expect(keyOfPath(Buffer.from([0xc3, 0xa9, 0xe2, 0x82]))).toBe('é%E2%82');
  });

  it('lead back to the path, for every path', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (path) => {
        fc.pre(Buffer.from(path).toString() === path);
        expect(pathOfKey(keyOfPath(path))).toBe(path);
        expect(pathOfKey(pageKey(keyOfPath(path), 3))).toBe(path);
      }),
    );
  });

  it('are one to one over any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), fc.uint8Array({ maxLength: 12 }), (a, b) => {
        expect(keyOfPath(a) === keyOfPath(b)).toBe(Buffer.compare(a, b) === 0);
      }),
    );
  });

  it('have no path where the bytes are not UTF-8', () => {
    expect(pathOfKey('a%FFb')).toBeNull();
  });
});
