import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const DOCS = [
  'README.md',
  'docs/answers.md',
  'docs/architecture.md',
  'docs/operations.md',
  'docs/performance.md',
  'docs/scale.md',
];

/** Files and headings that a text links to, as `[file, heading]`; nothing beyond this repository. */
function linksOf(text: string): readonly (readonly [file: string, heading: string])[] {
  const targets = [...text.matchAll(/\]\(([^)]+)\)/g)].flatMap(([, target]) => target ?? []);
  const ours = targets.filter((target) => !/^[a-z]+:/.test(target));
  return ours.map((target) => [target.replace(/#.*/, ''), /#(.*)/.exec(target)?.[1] ?? ''] as const);
}

/** Headings as a link names them. */
function headingsOf(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe('the documents', () => {
  it.each(DOCS)('%s links only to files and headings that there are', async (name) => {
    const text = await readFile(path.join(ROOT, name), 'utf8');
    for (const [file, heading] of linksOf(text)) {
      const target = file === '' ? path.join(ROOT, name) : path.join(ROOT, path.dirname(name), file);
      expect(existsSync(target), file).toBe(true);
      if (heading !== '') expect(headingsOf(await readFile(target, 'utf8'))).toContain(heading);
    }
  });

  it('name every example in the README', async () => {
    const text = await readFile(path.join(ROOT, 'README.md'), 'utf8');
    const linked = linksOf(text).map(([file]) => file);
    const library = (await readdir(path.join(ROOT, 'examples/library'))).map((file) => `examples/library/${file}`);
    const tasks = (await readdir(path.join(ROOT, 'examples/tasks'))).map((file) => `examples/tasks/${file}`);
    const named = [...library, ...tasks].filter((file) => file !== 'examples/tasks/file-name.yaml'); // own.yaml runs it
    expect(linked).toEqual(expect.arrayContaining(named));
  });
});
