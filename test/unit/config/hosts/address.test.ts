import { describe, expect, it } from 'vitest';
import { ollamaAddress } from '../../../../config/hosts/address.js';

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
    expect(ollamaAddress(value)).toBe(url);
  });

  it.each(['ftp://x', 'a b', 'http://'])('%j means nothing', (value) => {
    expect(ollamaAddress(value)).toBeNull();
  });
});
