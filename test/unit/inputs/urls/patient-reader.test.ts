import { describe, expect, it } from 'vitest';
import { VisionError } from '../../../../src/core/errors.js';
import { patientReader } from '../../../../src/inputs/urls/patient-reader.js';
import { SiteAtRest, siteSilent } from '../../../../src/inputs/urls/url-failures.js';
import { handClock } from './hand-clock.js';

const IMAGE = { bytes: new Uint8Array(1), size: 1, mtimeMs: 0 };
const FAILED = new VisionError('URL_FETCH', 'h answered 500.');

/** Reads a source whose fetches fail so, one after the other, and then work; says what came of it. */
async function read(...failures: readonly Error[]) {
  const clock = handClock();
  const left = [...failures];
  const reader = patientReader(
    async () => {
      const failure = left.shift();
      if (failure !== undefined) throw failure;
      return IMAGE;
    },
    { clock, signal: new AbortController().signal },
  );
  const said = await reader({ url: 'http://h/a.pdf' }).catch((error: Error) => error);
  return { said, waits: clock.waits };
}

describe('who cannot put a source off', () => {
  it('fetches it again where that may work soon, three times in all', async () => {
    expect(await read(FAILED, FAILED)).toEqual({ said: IMAGE, waits: [1_000, 2_000] });
    expect(await read(FAILED, FAILED, FAILED)).toEqual({ said: FAILED, waits: [1_000, 2_000] });
  });

  it('waits for a site at rest as often as it wants, which is no try', async () => {
    const rests = [60_000, 30_000, 9_000, 8_000].map((waitMs) => new SiteAtRest('h', waitMs));
    expect(await read(...rests)).toEqual({ said: IMAGE, waits: [60_000, 30_000, 9_000, 8_000] });
  });

  it('waits neither for a site that was given up nor for an image that is gone', async () => {
    for (const failure of [siteSilent('h'), new VisionError('IMAGE_MISSING', 'h answered 404.')]) {
      expect(await read(failure)).toEqual({ said: failure, waits: [] });
    }
  });

  it('waits no longer than its run lasts', async () => {
    const abort = new AbortController();
    const reader = patientReader(() => Promise.reject(new SiteAtRest('h', 60_000)), abort);
    const reason = new Error('enough');
    const reading = reader({ url: 'http://h/a.pdf' });
    abort.abort(reason);
    await expect(reading).rejects.toBe(reason);
  });
});
