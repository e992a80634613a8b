import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { LADDER } from '../../../workers/ladder.js';

it('docs/answers.md shows the ladder as it stands in the code', () => {
  const text = readFileSync(new URL('../../../docs/answers.md', import.meta.url), 'utf8');
  const [, table = ''] = /<!-- ladder.*-->\n((?:\|.*\n)+)/.exec(text) ?? [];
  const rows = table
    .trim()
    .split('\n')
    .slice(2)
    .map((line) => line.split('|').map((cell) => cell.trim().replaceAll('`', '')))
    .map(([, code = '', ...changes]) => [code, changes.filter((change) => change !== '')]);
  expect(Object.fromEntries(rows)).toEqual(LADDER);
});
