import { describe, expect, it } from 'vitest';
import { bareHost, HOST, type HostSpec, isSameHost } from '../../../../config/hosts/host.js';
import { SourcedText } from '../../../../src/core/sourced-text.js';

const refusal = (raw: unknown): string | undefined => HOST.type.safeParse(raw).error?.issues[0]?.message;

describe('a host', () => {
  it('is a URL with slots and requests ahead', () => {
    expect(HOST.type.parse('http://gpu1:11434,slots=4,ahead=0')).toEqual({
      ...bareHost('http://gpu1:11434'),
      slots: 4,
      ahead: 0,
    });
  });

  it('keeps a path prefix and loses the slash at its end', () => {
    expect(HOST.type.parse('https://gw/ollama/')).toEqual(bareHost('https://gw/ollama'));
  });

  it('is the built-in OCR as cpu', () => {
    expect(HOST.type.parse('cpu,slots=3')).toEqual({ ...bareHost('cpu'), slots: 3 });
    expect(refusal('cpu,ahead=1')).toContain('cpu without ahead');
    expect(refusal('cpu,key=env:K')).toContain('cpu without key');
  });

  it('finds its slots out where they are auto', () => {
    expect(HOST.type.parse('http://gpu,slots=auto')).toEqual(bareHost('http://gpu'));
    expect(HOST.type.parse({ url: 'http://gpu', slots: 'auto' })).toEqual(bareHost('http://gpu'));
  });

  it('is the same as an object and behind its URL', () => {
    const entry = {
      url: 'https://gpu1',
      slots: 4,
      ahead: 0,
      headers: { 'X-Team': 'env:TEAM', 'X-Route': 'file:/run/route' },
      key: 'env:GPU_KEY',
      ca: 'ca.pem',
      sleep: ['07:00-12:00', '13:00-20:00'],
    };
    const written =
      'https://gpu1,slots=4,ahead=0,key=env:GPU_KEY,ca=ca.pem,sleep=07:00-12:00+13:00-20:00,header=X-Team=env:TEAM,header=X-Route=file:/run/route';
    expect(HOST.type.parse(written)).toEqual(HOST.type.parse(entry));
    expect(HOST.show(HOST.type.parse(entry))).toBe(written);
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

  it.each(['u:SECRET5@h:11434', 'SECRET5@h', 'u:SECRET5', 'u:SEC/RET5@h', 'ftp://u:SECRET5', 'http://u:SECRET5'])(
    'is refused as %s without the password',
    (written) => {
      expect(refusal(written)).toContain('Expected a URL');
      expect(refusal(written)).not.toContain('RET5');
    },
  );

  it('says each of its members once', () => {
    expect(refusal('http://gpu,slots=2,slots=3')).toBe('Expected slots once after a host, got "slots twice"');
  });

  it.each(['slots=0', 'slots=x', 'slots', 'ahead=-1', 'slot=2'])('refuses %s', (option) => {
    expect(refusal(`http://gpu,${option}`)).toContain('Expected');
  });

  it.each([
    [{ url: 'https://g', colour: 'red' }, 'got "colour"'],
    [{ slots: 2 }, 'Expected the url of a host'],
    [7, 'Expected a host such as'],
    [{ url: 'http://g', sleep: '07:00' }, 'sleep: Expected hours of sleep such as 07:00-20:00, got "07:00"'],
    [{ url: 'http://g', sleep: ['00:00-12:00', '12:00-24:00'] }, 'at which the host is awake'],
    [{ url: 'http://g', ca: 'ca.pem' }, 'an https URL beside ca'],
    [{ url: 'http://u:p@g', key: 'env:K' }, 'got "user and password in the URL and key"'],
    [{ url: 'http://g', key: 'env:K', headers: { authorization: 'env:A' } }, 'got "key and the header Authorization"'],
    [{ url: 'http://g', headers: { 'content-length': 'env:A' } }, "not the request's own"],
    [{ url: 'http://g', headers: { 'X-A': 'env:A', 'x-a': 'env:B' } }, 'every header once, got "x-a"'],
    [{ url: 'http://g', headers: { 'a b': 'env:A' } }, 'the name of a header, got "a b"'],
  ])('refuses %j', (entry, words) => {
    expect(refusal(entry)).toContain(words);
  });

  it.each([
    'https://g,key=hunter2',
    'https://g,header=X-Key=hunter2',
    'https://g,keys=hunter2',
    'https://me:pass,hunter2@g',
    'https://me:hunter2,word@g',
    { url: 'https://g', key: 'hunter2' },
    { url: 'https://g', headers: { 'X-Key': 'hunter2' } },
    { url: 'https://g', headers: ['hunter2'] },
    { url: 'cpu', key: 'hunter2' },
  ])('shows no secret that was written out: %j', (entry) => {
    expect(refusal(entry)).toContain('Expected');
    expect(refusal(entry)).not.toContain('hunter2');
  });

  it('reads back what it shows', () => {
    for (const written of ['http://gpu1:11434,slots=4,ahead=0', 'cpu,slots=2', 'http://u:p@gw/x']) {
      expect(HOST.show(HOST.type.parse(written))).toBe(written);
    }
  });
});

describe('two entries of a host', () => {
  const text = (words: string) => new SourcedText('env:K', words);
  const entry = (changes: Partial<HostSpec> = {}): HostSpec => ({
    ...bareHost('https://gpu'),
    key: text('k'),
    ca: text('c'),
    headers: { A: text('a') },
    ...changes,
  });

  it('are the same where they say the same, wherever they stand and their secrets are from', () => {
    expect(isSameHost(entry(), entry({ key: new SourcedText('file:k', 'k'), listed: true }))).toBe(true);
  });

  it.each<Partial<HostSpec>>([
    { url: 'https://me@gpu' },
    { slots: 2 },
    { ahead: 0 },
    { sleep: [{ fromMinute: 0, toMinute: 60 }] },
    { key: null },
    { key: text('another') },
    { ca: text('another') },
    { headers: {} },
    { headers: { A: text('another') } },
    { headers: { B: text('a') } },
    { headers: { A: text('a'), B: text('b') } },
  ])('are not the same where one has %j', (changes) => {
    expect(isSameHost(entry(), entry(changes))).toBe(false);
    expect(isSameHost(entry(changes), entry())).toBe(false);
  });
});
