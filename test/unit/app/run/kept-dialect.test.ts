import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { tableIn } from '../../../../src/app/run/kept-dialect.js';
import { resolveInputs } from '../../../../src/inputs/resolve.js';
import { TestFolder } from '../../results/stores.js';

const UNSAID = { base: null, delimiter: null, encoding: null, quote: null };
const OPTIONS = { ...UNSAID, idColumns: [], imageColumns: [], onRepeat: null, severalImages: false, wordColumns: [] };

/** What inputs of these names are, in a folder that holds a table of each kind. */
async function table(names: readonly string[], csvDialect: 'default' | 'table' | null) {
  using folder = new TestFolder();
  writeFileSync(folder.at('shop.csv'), Buffer.from('\ufeffid\timage\n1\ta.png\n', 'utf16le'));
  writeFileSync(folder.at('plain.csv'), 'id,image\n1,a.png\n');
  writeFileSync(folder.at('list.jsonl'), '{"image":"a.png"}\n');
  return tableIn(await resolveInputs(names, { ...OPTIONS, cwd: folder.path }), { csvDialect });
}

describe('the dialect that outputs are kept in', () => {
  it("is the one table's, mark and all, also where nothing is said of it", async () => {
    const dialect = { delimiter: '\t', quote: '"', encoding: 'utf-16le', mark: true };
    expect(await table(['shop.csv'], 'table')).toEqual({ dialect, kept: true });
    expect(await table(['shop.csv'], null)).toEqual({ dialect, kept: false });
    expect(await table(['shop.csv', 'plain.csv'], null)).toBeNull();
  });

  it.each([
    ['two tables', ['shop.csv', 'plain.csv']],
    ['a table beside a folder', ['shop.csv', '.']],
    ['a table of another kind', ['list.jsonl']],
    ['a folder', ['.']],
  ])('is refused over %s, with the fix', async (_, names) => {
    await expect(table(names, 'table')).rejects.toMatchObject({
      exitCode: 2,
      message: `Expected one .csv or .tsv table as the only input, as --csv-dialect table says, got ${names.join(', ')}`,
      fix: 'Run each table by itself, or leave --csv-dialect out.',
    });
  });
});
