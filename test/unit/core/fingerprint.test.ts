import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../src/core/canonical-json.js';
import { fingerprint } from '../../../src/core/fingerprint.js';
import { anAsk, aProfile } from '../../support/builders.js';

describe('canonical JSON', () => {
  it('is the example of RFC 8785, section 3.2.2', () => {
    const input = {
      numbers: JSON.parse('[333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001]'),
      string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"\u002f',
      literals: [null, true, false],
    };
    expect(canonicalJson(input)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it('sorts keys by UTF-16 code units, as section 3.2.3 does', () => {
    const keys = ['\u20ac', '\r', '\ufb33', '1', '\u{1f600}', '\u0080', '\u00f6'];
    const sorted = Object.keys(JSON.parse(canonicalJson(Object.fromEntries(keys.map((key) => [key, key])))) as object);
    expect(sorted).toEqual(['1', '\r', '\u0080', '\u00f6', '\u20ac', '\u{1f600}', '\ufb33']);
  });

  it('refuses what JSON cannot hold', () => {
    expect(() => canonicalJson(Number.NaN)).toThrow(TypeError);
    expect(() => canonicalJson(() => 1)).toThrow(TypeError);
  });
});

describe('the fingerprint', () => {
  it('does not depend on the order of members', () => {
    const ask = anAsk();
    const turned = Object.fromEntries(Object.entries(ask).reverse()) as unknown as typeof ask;
    expect(fingerprint(turned)).toBe(fingerprint(ask));
  });

  it('does not depend on what is known of the model', () => {
    expect(fingerprint(anAsk({ profile: aProfile({ rendered: true, maxImages: 8 }) }))).toBe(fingerprint(anAsk()));
  });

  it('differs for every part of the ask', () => {
    const changes = [
      { task: 'caption' },
      { model: 'other' },
      { prompt: 'x' },
      { system: 'x' },
      { lang: 'deu' },
      { options: { ...anAsk().options, temperature: 0.1 } },
      { pixels: { ...anAsk().pixels, maxSide: 1 } },
    ] as const;
    const prints = new Set([anAsk(), ...changes.map((change) => anAsk(change))].map(fingerprint));
    expect(prints.size).toBe(changes.length + 1);
  });
});
