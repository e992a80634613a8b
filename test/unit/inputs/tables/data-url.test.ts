import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOfBase64, bytesOfDataUrl, looksLikeBase64 } from '../../../../src/inputs/tables/data-url.js';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const filled = () => fc.uint8Array({ minLength: 1, maxLength: 200 });

function failureOf(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    return error;
  }
}

describe('base64', () => {
  it('of any bytes is read in both alphabets, padded or not, broken into lines or not', () => {
    fc.assert(
      fc.property(filled(), fc.constantFrom<BufferEncoding>('base64', 'base64url'), fc.boolean(), (bytes, to, wrap) => {
        const text = Buffer.from(bytes).toString(to);
        const written = wrap ? ` ${text.replace(/.{7}/g, '$&\r\n\t')}\n` : text;
        expect(hex(bytesOfBase64(written))).toBe(hex(bytes));
        expect(hex(bytesOfBase64(written.replaceAll('=', '')))).toBe(hex(bytes));
      }),
    );
  });

  it.each([
    ['QUJ!', '"!" at offset 3'],
    ['QUJD\u00a0QUJD', '"\u00a0" at offset 4'],
    ['QU🦆D', '"🦆" at offset 2'],
    ['QQ==QUJD', '"=" at offset 3'],
    ['QQ= =\nA', '"=" at offset 4'],
    ['QUJD=', '"=" at offset 4'],
    ['QQ=', '"=" at offset 2'],
    ['QQ===', '"=" at offset 2'],
    ['QUJD====', '"=" at offset 4'],
    ['QUJDQ', 'in the middle of a byte, at offset 5'],
    ['QUJDQR', 'in the middle of a byte, at offset 6'],
    ['QUJDQR==', 'in the middle of a byte, at offset 6'],
    ['QUJDQU_', 'in the middle of a byte, at offset 7'],
    ['', '0 bytes'],
    [' \n', '0 bytes'],
    ['data:image/png;base64,QUJD', '":" at offset 4'],
  ])('%j is refused, saying what is wrong and where', (text, part) => {
    expect(failureOf(() => bytesOfBase64(text))).toMatchObject({
      code: 'IMAGE_UNREADABLE',
      sentence: expect.stringContaining(part),
    });
  });
});

describe('a data URL', () => {
  it.each([
    ['data:image/png;base64,QUJD', 'ABC'],
    ['DATA:;BASE64,QUI=', 'AB'],
    ['data:text/plain;charset=utf-8; base64 ,QUI', 'AB'],
    ['data:image/png;base64,QUJD%0AQUI%3D', 'ABCAB'],
    ['data:,A%20B%2c+C', 'A B,+C'],
    ['data:image/svg+xml,<svg fill="#fff">é</svg>', '<svg fill="#fff">é</svg>'],
    ['data:image/svg+xml;utf8,%C3%A9%3D,', 'é=,'],
  ])('%j holds %j', (url, text) => {
    expect(Buffer.from(bytesOfDataUrl(url)).toString('utf8')).toBe(text);
  });

  it('of any bytes is read percent-encoded', () => {
    fc.assert(
      fc.property(filled(), (bytes) => {
        const escaped = Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
        expect(hex(bytesOfDataUrl(`data:,${escaped}`))).toBe(hex(bytes));
      }),
    );
  });

  it.each([
    ['data:image/png;base64', 'data:[type][;base64],…'],
    ['http://h/a,b', 'data:[type][;base64],…'],
    ['data:image/png;base64,', '0 bytes'],
    ['data:,', '0 bytes'],
    ['data:image/png;base64,QU*D', '"*" at offset 24'],
    ['data:image/png;base64,QUJDQ', 'in the middle of a byte, at offset 27'],
    ['data:,abc%4', '% at offset 9'],
    ['data:,100%!', '% at offset 9'],
    ['data:image/png;base64,QU%4', '% at offset 24'],
  ])('%j is refused, saying what is wrong and where', (url, part) => {
    expect(failureOf(() => bytesOfDataUrl(url))).toMatchObject({
      code: 'IMAGE_UNREADABLE',
      sentence: expect.stringContaining(part),
    });
  });
});

describe('text that may be a path or base64', () => {
  const encoded = (start: string, encoding: BufferEncoding = 'base64') =>
    Buffer.concat([Buffer.from(start, 'hex'), Buffer.alloc(2_000, 7)]).toString(encoding);

  it.each([
    ['JPEG', encoded('ffd8ffe0')],
    ['JPEG in the URL-safe alphabet', encoded('ffd8ffe0', 'base64url')],
    ['PNG, broken into lines', encoded('89504e470d0a1a0a').replace(/.{76}/g, '$&\r\n')],
    ['GIF', encoded('474946383961')],
    ['TIFF', encoded('49492a00')],
    ['PDF', encoded('255044462d312e37')],
    ['JPEG XL in its container', encoded('0000000c4a584c20')],
    ['WebP', encoded('524946460000000057454250')],
  ])('is base64 where it decodes to an image: %s', (_, text) => {
    expect(looksLikeBase64(text)).toBe(true);
  });

  it.each([
    ['a path whose first bytes would be JPEG XL', `/world/${'scans/'.repeat(20)}`],
    ['a path whose first bytes would be BMP', `Qk0${'a'.repeat(80)}`],
    ['a path of the alphabet only', `/${'home/user/'.repeat(10)}`],
    ['a path with an extension', `/9j/${'A'.repeat(80)}.jpg`],
    ['shorter than 64 characters', encoded('ffd8ffe0').slice(0, 63)],
    ['no image', Buffer.alloc(100, 7).toString('base64')],
    ['a data URL', `data:image/jpeg;base64,${encoded('ffd8ffe0')}`],
    ['nothing', ''],
  ])('is a path where it is %s', (_, text) => {
    expect(looksLikeBase64(text)).toBe(false);
  });
});
