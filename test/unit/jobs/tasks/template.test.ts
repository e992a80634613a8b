import { describe, expect, it } from 'vitest';
import { fillTemplate, literal, templateNames, templateValues } from '../../../../jobs/tasks/template.js';

describe('a template', () => {
  it('names each of its names once, with or without blanks', () => {
    expect(templateNames('{{title}} by {{ author }}, {{title}}, {{file.name}}')).toEqual([
      'title',
      'author',
      'file.name',
    ]);
  });

  it('has no names where braces stand for themselves, or stand alone', () => {
    expect(templateNames('{{{{title}} and {"a": {"b": 1}} and {{}}')).toEqual([]);
    expect(fillTemplate('{{{{title}} and {"a": {"b": 1}}', { title: 'x' })).toBe('{{title}} and {"a": {"b": 1}}');
  });

  it('takes values as they are: a value is no template and no pattern', () => {
    const values = { a: '{{b}}', b: 'B', c: "$& $1 $'" };
    expect(fillTemplate('{{a}} {{b}} {{c}}', values)).toBe("{{b}} B $& $1 $'");
  });

  it("leaves the brackets of users' texts alone: what a server takes for an image is its client's to know", () => {
    expect(fillTemplate('{{a}} [IMG 2]', { a: '[IMG 1] and [img-0]' })).toBe('[IMG 1] and [img-0] [IMG 2]');
  });

  it('leaves nothing where an item has no value, nor where a name is one that all objects have', () => {
    expect(fillTemplate('[{{gone}}]', {})).toBe('[]');
    expect(fillTemplate('[{{constructor}}]', {})).toBe('[]');
  });

  it.each(['plain', '{{name}}', '{{{{', '{{{a}}}', '{{{{{'])('gives literal %s back as it is', (text) => {
    expect(fillTemplate(literal(text), { name: 'x', a: 'y' })).toBe(text);
  });
});

describe('the values of an item', () => {
  const job = { key: 'scans/a b.tar.gz', page: 3, sources: [{ root: 'scans', path: 'in/a b.tar.gz' }] };

  it('are the facts of its file', () => {
    expect(templateValues(job)).toEqual({
      id: 'scans/a b.tar.gz',
      page: '3',
      'file.path': 'in/a b.tar.gz',
      'file.name': 'a b.tar.gz',
      'file.stem': 'a b.tar',
      'file.folder': 'in',
    });
  });

  it('are its carried columns before those', () => {
    expect(templateValues({ ...job, vars: { page: 'xii', title: 'T' } })).toMatchObject({ page: 'xii', title: 'T' });
  });

  it('come from the path of a URL, without what is asked of it', () => {
    const sources = [{ url: 'https://anna:s3cret@host/a/b.jpg?token=s3cret' }];
    expect(templateValues({ key: 'k', page: 1, sources })).toMatchObject({
      'file.name': 'b.jpg',
      'file.path': 'https://host/a/b.jpg',
    });
  });

  it('are empty where there is no file, and a name of a dot is no extension', () => {
    expect(templateValues({ key: 'k', page: 1, sources: [] })['file.name']).toBe('');
    const hidden = { key: 'k', page: 1, sources: [{ root: 'r', path: '.scan' }] };
    expect(templateValues(hidden)).toMatchObject({ 'file.stem': '.scan', 'file.folder': '' });
  });
});
