import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readRows } from '../support/rows.js';
import { endsWith, type Stage, startStage } from '../support/runs.js';
import { parquet, withImages } from '../unit/inputs/tables/tables.js';

const FAST = { hosts: [{ slots: 4 }] };

function imageOf({ folder, keys }: Stage, at: number): Buffer {
  return readFileSync(folder.at('scans', keys[at] ?? ''));
}

describe('a run of a manifest', () => {
  it('reads images out of a Parquet file, asks each row its own question, and does nothing twice', async () => {
    await using stage = await startStage({ items: 2, ...FAST });
    const { folder } = stage;
    const image = [0, 1, 1].map((at) => ({ bytes: imageOf(stage, at), path: `${at}.png` }));
    const columns = [
      { name: 'image', data: image, offsetIndex: false },
      { name: 'q', data: ['What is it?', 'How many?', ''] },
      { name: 'status', data: ['new', 'old', 'old'] },
    ];
    const text = { type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' } as const;
    const schema = withImages({ name: 'q', ...text }, { name: 'status', ...text });
    writeFileSync(folder.at('set.parquet'), parquet(columns, { schema }));
    const asked = ['ask', 'set.parquet', ...stage.hostFlags, '--model', 'tiny', '--question-column', 'q'];
    const run = () => stage.cli([...asked, '--on-repeat', 'number', '-o', 'out.csv', '-o', 'out.jsonl']);

    const first = await endsWith(1, run());
    expect(first.stderr).toMatch(/row\.status/);
    const rows = await readRows(folder.at('out.jsonl'));
    expect(rows).toMatchObject([
      { id: '0.png', status: 'ok', source: 'set.parquet/image', row: { q: 'What is it?', status: 'new' } },
      { id: '1.png', status: 'ok', source: 'set.parquet/image', row: { q: 'How many?', status: 'old' } },
      { id: '1.png~2', status: 'failed', error: { code: 'REQUEST_REFUSED' } },
    ]);
    expect(readFileSync(folder.at('out.csv'), 'utf8')).toMatch(/^id,source,page,status,.*,q,row\.status\r?\n/);
    await endsWith(1, run());
    expect(await readRows(folder.at('out.jsonl'))).toEqual(rows); // their times, too
  });

  it('of Windows-1252 says how it was read, is written likewise where that is asked for, and names the line that is wrong', async () => {
    await using stage = await startStage({ items: 1, ...FAST });
    const { folder, hostFlags, keys } = stage;
    const base64 = imageOf(stage, 0).toString('base64');
    writeFileSync(folder.at('l.csv'), Buffer.from(`id;image;note\n1;scans/${keys[0]};B\xe4r \x80\n`, 'latin1'));
    const outputs = ['-o', 'out.jsonl', '-o', 'out.csv', '--csv-dialect', 'table'];
    const run = await endsWith(0, stage.cli(['ocr', 'l.csv', ...hostFlags, '--model', 'tiny', ...outputs]));
    expect(run.stderr).toContain('l.csv: read as CSV with Windows-1252 characters, `;` between the cells.');
    expect(await readRows(folder.at('out.jsonl'))).toMatchObject([{ id: '1', row: { note: 'Bär €' } }]);
    const written = readFileSync(folder.at('out.csv'), 'latin1');
    expect(written).toMatch(/^id;source;[^,]*;note\n1;[\s\S]*;B\xe4r \x80\n$/);
    await endsWith(0, stage.cli(['export', 'out.csv', '-o', 'again.csv']));
    expect(readFileSync(folder.at('again.csv'), 'latin1')).toBe(written);
    writeFileSync(folder.at('l.jsonl'), `{"id":1,"image":"${base64}"}\n{"id":2,"image":\n`);
    const wrong = await endsWith(2, stage.cli(['ocr', 'l.jsonl', ...hostFlags, '--model', 'tiny', '-o', 'b.jsonl']));
    expect(wrong.stderr).toMatch(/l\.jsonl:2: Expected a JSON object/);
  });
});
