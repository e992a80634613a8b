import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { boundedSchema } from '../../../../jobs/schema/bounded.js';
import { type Check, checkOf, checkOfZod } from '../../../../jobs/schema/validator.js';
import { loadSchema } from '../../../../src/app/definitions/load-schema.js';
import { grammarOf } from '../../../../src/engines/ollama/grammar.js';

const EXAMPLES = fileURLToPath(new URL('../../../../examples/schemas', import.meta.url));

const receipt = {
  merchant: 'Corner Shop',
  date: '2024-03-01',
  items: [{ description: 'Milk', amount: 1.2 }],
  total: 1.2,
};
const product = { name: 'Red bicycle', category: 'other', colours: ['red'], condition: 'used' };
const invoice = { number: '7', date: '2024-03-01', seller: { name: 'A' }, lines: [], net: 10, tax: 2, total: 12 };
const photo = {
  summary: 'A cat.',
  objects: [{ name: 'cat', attributes: [] }],
  scene: 'sofa',
  colours: [],
  setting: 'indoor',
};

const ROWS = [
  {
    file: 'receipt.yaml',
    good: receipt,
    unseen: 'payment',
    bad: { ...receipt, date: '1.3.2024' },
    complaint: 'date: ',
  },
  { file: 'product.json', good: product, unseen: 'brand', bad: { ...product, colours: [] }, complaint: 'colours: ' },
  {
    file: 'invoice.ts',
    good: invoice,
    unseen: 'buyer',
    bad: { ...invoice, total: 13 },
    complaint: 'total: Expected net',
  },
  { file: 'photo.ts', good: photo, unseen: 'text', bad: { ...photo, setting: 'space' }, complaint: 'setting: ' },
];

describe('an example schema', () => {
  it.each(ROWS)('tells a good answer from a bad one: $file', async ({ file, good, unseen, bad, complaint }) => {
    const { schema, zod } = await loadSchema(file, EXAMPLES);
    const check: Check = zod === null ? checkOf(schema) : checkOfZod(zod);
    expect(check({ ...good, [unseen]: null })).toEqual({ data: good });
    expect(check(bad)).toEqual({ complaint: expect.stringContaining(complaint) });
  });

  it.each(ROWS)('reaches the server with every member, those not seen as null: $file', async ({ file, unseen }) => {
    const { schema } = await loadSchema(file, EXAMPLES);
    const wire = grammarOf(boundedSchema(schema)).schema;
    expect(wire.required).toEqual(Object.keys(schema.properties ?? {}));
    expect(wire.properties).toHaveProperty([unseen, 'anyOf'], expect.arrayContaining([{ type: 'null' }]));
  });
});
