import { describe, expect, it } from 'vitest';
import { HOST, ollamaHost } from '../../../config/hosts.js';

const refusal = (raw: unknown): string | undefined => HOST.type.safeParse(raw).error?.issues[0]?.message;

describe('a host', () => {
  it('is a URL with slots and requests ahead', () => {
    expect(HOST.type.parse('http://gpu1:11434,slots=4,ahead=0')).toEqual({
      url: 'http://gpu1:11434',
      slots: 4,
      ahead: 0,
    });
  });

  it('keeps a path prefix and loses the slash at its end', () => {
    expect(HOST.type.parse('https://gw/ollama/')).toEqual({ url: 'https://gw/ollama', slots: null, ahead: null });
  });

  it('is the built-in OCR as cpu', () => {
    expect(HOST.type.parse('cpu,slots=3')).toEqual({ url: 'cpu', slots: 3, ahead: null });
    expect(refusal('cpu,ahead=1')).toContain('cpu without ahead');
  });

  it.each([
    ['gpu2:11434', 'http://gpu2:11434'],
    ['gpu2', 'http://gpu2:11434'],
    ['192.168.0.7', 'http://192.168.0.7:11434'],
  ])('suggests a URL for %s', (written, meant) => {
    expect(refusal(written)).toContain(`got "${written}" - did you mean ${meant} ?`);
  });

  it.each(['ftp://gpu', 'http://', 'http://gpu?x=1', ''])('refuses %j', (written) => {
    expect(refusal(written)).toContain('Expected a');
  });

  it('says that slots=auto is still to come', () => {
    expect(refusal('http://gpu,slots=auto')).toContain('comes in a later version');
  });

  it.each(['slots=0', 'slots=x', 'slots', 'ahead=-1', 'slot=2'])('refuses %s', (option) => {
    expect(refusal(`http://gpu,${option}`)).toContain('Expected');
  });

  it('reads back what it shows', () => {
    for (const written of ['http://gpu1:11434,slots=4,ahead=0', 'cpu,slots=2', 'http://u:p@gw/x']) {
      expect(HOST.show(HOST.type.parse(written))).toBe(written);
    }
  });
});

describe('OLLAMA_HOST', () => {
  it.each([
    ['0.0.0.0', 'http://127.0.0.1:11434'],
    ['0.0.0.0:8080', 'http://127.0.0.1:8080'],
    ['[::]:11434', 'http://127.0.0.1:11434'],
    ['gpu1', 'http://gpu1:11434'],
    ['gpu1:80', 'http://gpu1'],
    ['gpu1/ollama', 'http://gpu1:11434/ollama'],
    [':8080', 'http://127.0.0.1:8080'],
    ['[::1]', 'http://[::1]:11434'],
    ['http://gpu1', 'http://gpu1'],
    ['https://gpu1/', 'https://gpu1'],
    ['"gpu1"', 'http://gpu1:11434'],
  ])('%s means %s', (value, url) => {
    expect(ollamaHost(value)).toEqual({ url, slots: null, ahead: null });
  });

  it.each(['ftp://x', 'a b', 'http://'])('%j means nothing', (value) => {
    expect(ollamaHost(value)).toBeNull();
  });
});
