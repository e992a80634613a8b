import { Buffer } from 'node:buffer';
import { hash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { FAILURE_CODES } from '../../../../src/core/errors.js';
import { tarOf, zipOf } from '../../../support/archives.js';
import { archiveScene } from './archive-reading.js';

const NAMES = ['a.png', 'in/b.png', 'c.txt', 'in/d.png'];
const MEMBERS = NAMES.map((name) => ({ name, bytes: Buffer.alloc(300, name) }));
const CUTS = 12;
const FLIPS = 30;

/** Numbers that look random and are the same in every run. */
function numberOf(seed: string): number {
  return hash('sha256', seed, 'buffer').readUInt32BE(0);
}

function* damagedCopies(whole: Buffer): Generator<Buffer> {
  for (let cut = 0; cut < CUTS; cut += 1) yield whole.subarray(0, Math.floor((whole.length * cut) / CUTS));
  for (let flip = 0; flip < FLIPS; flip += 1) {
    const copy = Buffer.from(whole);
    copy[numberOf(`place ${flip}`) % copy.length] = numberOf(`byte ${flip}`) % 256;
    yield copy;
  }
}

describe('an archive that was cut, or in which a byte was changed', () => {
  it.each(['a.zip', 'a.tar', 'a.tgz'])(
    '%s gives the right bytes, a reason or, having no checksums, as many bytes',
    async (name) => {
      const tar = await tarOf(MEMBERS);
      const whole = { 'a.zip': zipOf(MEMBERS), 'a.tar': tar, 'a.tgz': gzipSync(tar) }[name] ?? tar;
      const reasons: ReadonlySet<string> = new Set(FAILURE_CODES);
      const texts: ReadonlySet<string> = new Set(MEMBERS.map(({ bytes }) => bytes.toString()));
      const isRight = (text: string) => (name === 'a.zip' ? texts.has(text) : text.length === 300);
      for (const copy of damagedCopies(whole)) {
        await using scene = await archiveScene(name, copy);
        for (const outcome of Object.values(await scene.outcomes())) {
          expect(reasons.has(outcome) || isRight(outcome), outcome).toBe(true);
        }
        if (copy.length < whole.length) expect(scene.items[0]?.key).toBeDefined();
      }
    },
  );
});
