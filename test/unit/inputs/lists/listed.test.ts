import { describe, expect, it } from 'vitest';
import { listedInput } from '../../../../src/inputs/lists/listed.js';

const item = (key: string, ...paths: readonly string[]) => ({ key, sources: paths.map((path) => ({ path })) });

describe('items that a program lists', () => {
  it.each([
    [['/a/b/1.png', '/a/b/2.png'], '/a/b'],
    [['/a/b/1.png', '/a/bc/2.png'], '/a'],
    [['/a/b/1.png', '/a/b/c/2.png', '/a/b/d/3.png'], '/a/b'],
    [['/a/1.png', '/b/2.png'], '/'],
    [['/1.png', '/b/2.png'], '/'],
    [[], '/here'],
  ])('lie below the deepest folder of %j', (paths, folder) => {
    expect(listedInput([item('x', ...paths)], '/here').path).toBe(folder);
  });

  it('go by another name where they are others', () => {
    const names = [[item('x', '/1')], [item('x', '/1')], [item('x', '/2')], [item('y', '/1')]].map(
      (items) => listedInput(items, '/').given,
    );
    expect(names[0]).toBe(names[1]);
    expect(new Set(names).size).toBe(3);
  });

  it('carry their columns, each once', () => {
    const items = [
      { key: 'x', sources: [], row: { a: '1', b: '2' } },
      { key: 'y', sources: [], row: { b: '3', c: '4' } },
    ];
    expect(listedInput(items, '/').columns).toEqual(['a', 'b', 'c']);
  });
});
