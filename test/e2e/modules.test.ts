import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { endsWith, startStage } from '../support/runs.js';

/** A check that prints, and opens what only the end of the process closes. */
const CHATTY = `import { z } from 'zod';
export default z.object({ title: z.string().refine(() => {
  console.log('noise');
  console.table(['noise']);
  setInterval(() => {}, 1_000);
  return true;
}) });
`;

/** A check whose promise only shows when an answer reaches it. */
const PROMISING = `import { z } from 'zod';
export default z.object({ title: z.string().superRefine(() => Promise.resolve()) });
`;

describe("a user's own check", () => {
  it('neither writes between the rows of stdout nor keeps the command from ending', async () => {
    await using stage = await startStage({ items: 2, hosts: [{ slots: 1, models: [{ name: 'gemma3' }] }] });
    await writeFile(stage.folder.at('schema.ts'), CHATTY);
    const command = ['extract', 'scans', '--schema', 'schema.ts', '--model', 'gemma3', ...stage.hostFlags, '-o', '-'];
    const { stderr, stdout } = await endsWith(0, stage.cli(command));
    const rows = stdout.trimEnd().split('\n');
    expect(rows.map((row) => JSON.parse(row))).toMatchObject([{ status: 'ok' }, { status: 'ok' }]);
    expect(stderr).toContain('noise');
  });

  it('that gives a promise ends the run as a mistake of the schema', async () => {
    await using stage = await startStage({ items: 2, hosts: [{ slots: 1, models: [{ name: 'gemma3' }] }] });
    await writeFile(stage.folder.at('schema.ts'), PROMISING);
    const command = ['extract', 'scans', '--schema', 'schema.ts', '--model', 'gemma3', ...stage.hostFlags];
    const { stderr } = await endsWith(2, stage.cli([...command, '-o', 'out.jsonl']));
    expect(stderr).toContain('A check of the schema is async.');
  });
});
