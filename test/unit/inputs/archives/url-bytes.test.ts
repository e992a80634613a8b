import { describe, expect, it } from 'vitest';
import { UrlBytes } from '../../../../src/inputs/archives/url-bytes.js';
import { SiteAtRest } from '../../../../src/inputs/urls/url-failures.js';

const url = 'https://example.org/x.zip';

describe('an archive at an address', () => {
  it('is waited for as long as its site wants to be left alone', async () => {
    let asked = 0;
    const { signal } = new AbortController();
    const read = async () => {
      asked += 1;
      if (asked <= 5) throw new SiteAtRest('example.org', 1);
      return { bytes: new Uint8Array(1), size: 7, mtimeMs: 0 };
    };
    expect((await UrlBytes.open({ read, url, signal })).version).toEqual({ size: 7 });
    expect(asked).toBe(6);
  });

  it('is waited for no longer than the run goes on', async () => {
    const stop = new AbortController();
    const read = async () => {
      stop.abort(new Error('enough'));
      throw new SiteAtRest('example.org', 3_600_000);
    };
    await expect(UrlBytes.open({ read, url, signal: stop.signal })).rejects.toThrow();
  });
});
