import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type HostsRead, readHostsFile } from '../../../../config/hosts/hosts-file.js';
import { hostsNow } from '../../../../config/hosts/hosts-now.js';
import { type Loaded, loadSettings } from '../../../../config/load.js';
import { variablesOf } from '../../../../config/place.js';
import { ExitError } from '../../../../src/core/exit.js';

const CA = join(import.meta.dirname, '../../../fixtures/tls/ca.pem');

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'visionbatch-doors-'));
});
afterEach(() => rm(cwd, { recursive: true }));

const write = (name: string, text: string): Promise<void> => writeFile(join(cwd, name), text);

function load(flags: Record<string, unknown>, env: Record<string, string> = {}): Promise<Loaded> {
  return loadSettings({ command: 'ocr', task: 'ocr', flags: { output: ['o.csv'], ...flags }, env, file: null, cwd });
}

async function problems(flags: Record<string, unknown>, env: Record<string, string> = {}): Promise<string> {
  const thrown: unknown = await load(flags, env).catch((error: unknown) => error);
  if (!(thrown instanceof ExitError)) throw new Error(`Expected an ExitError, got ${JSON.stringify(thrown)}`);
  expect(thrown.exitCode).toBe(2);
  return thrown.message;
}

/** What is known of each host, secrets revealed. */
function revealed({ settings }: Pick<Loaded, 'settings'>) {
  return settings.hosts.map(({ ca, headers, key, url }) => ({
    url,
    key: key?.text ?? null,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.text])),
    trusts: ca?.text.includes('BEGIN CERTIFICATE') ?? false,
  }));
}

describe('the doors of hosts', () => {
  it('are opened by what variables and files hold, two hosts by two keys', async () => {
    await write('b.key', 'second\n');
    const host = ['https://a,key=env:A_KEY', `https://b,key=file:b.key,ca=${CA}`];
    expect(revealed(await load({ host }, { A_KEY: 'first' }))).toEqual([
      { url: 'https://a', key: 'first', headers: {}, trusts: false },
      { url: 'https://b', key: 'second', headers: {}, trusts: true },
    ]);
  });

  it('are told once for all hosts, and a host that says something else keeps to that', async () => {
    const env = { ALL: 'all', OWN: 'own', TEAM: 'team', MINE: 'mine' };
    const host = [
      'https://a',
      'https://b,key=env:OWN,header=x-team=env:MINE',
      'http://user:word@c',
      'http://d,header=Authorization=env:OWN',
    ];
    const flags = { host, hostKey: 'env:ALL', hostHeader: ['X-Team=env:TEAM'], hostCa: CA };
    expect(revealed(await load(flags, env))).toEqual([
      { url: 'https://a', key: 'all', headers: { 'X-Team': 'team' }, trusts: true },
      { url: 'https://b', key: 'own', headers: { 'x-team': 'mine' }, trusts: true },
      { url: 'http://user:word@c', key: null, headers: { 'X-Team': 'team' }, trusts: false },
      { url: 'http://d', key: null, headers: { 'X-Team': 'team', Authorization: 'own' }, trusts: false },
    ]);
  });

  it('stand in a configuration file as objects, their files relative to it', async () => {
    await write('gpu.key', 'from-file');
    const yaml = ['hosts:', '  - http://a', '  - url: https://b', '    key: file:gpu.key', '    slots: auto'];
    await write('visionbatch.yaml', `${yaml.join('\n')}\n`);
    const elsewhere = { command: 'ocr', task: 'ocr', flags: { output: ['o.csv'] }, env: {}, cwd: tmpdir() } as const;
    const loaded = await loadSettings({ ...elsewhere, file: join(cwd, 'visionbatch.yaml') });
    expect(revealed(loaded).map(({ key, url }) => [url, key])).toEqual([
      ['http://a', null],
      ['https://b', 'from-file'],
    ]);
  });

  it.each([
    [{ hostKey: 'env:NOT_SET' }, '--host-key: Expected the variable NOT_SET to be set, got none'],
    [{ hostKey: 'file:gone' }, '--host-key: gone cannot be read'],
    [{ hostKey: 'env:BLANK' }, 'Expected env:BLANK to hold one line of plain characters, got nothing'],
    [{ hostKey: 'env:LINES' }, 'got others, which are not shown'],
    [{ hostKey: 'hunter2' }, '--host-key: Expected env:NAME or file:PATH, got something else, which is not shown'],
    [{ hostHeader: ['X-Key=hunter2'] }, '--host-header: X-Key: Expected env:NAME or file:PATH'],
    [{ hostHeader: ['X-Key=env:NOT_SET'] }, '--host-header: Expected the variable NOT_SET to be set'],
    [{ host: ['https://a,key=env:NOT_SET', 'https://b,key=env:NOR_THIS'] }, 'NOT_SET to be set, got none\n--host:'],
    [{ hostCa: 'gone.pem' }, '--host-ca: gone.pem cannot be read'],
    [{ hostCa: 'no.pem' }, 'Expected no.pem to hold certificates (PEM'],
    [{ hostKey: 'env:LINES', hostHeader: ['Authorization=env:A'] }, 'got others'],
    [{ hostKey: 'env:A', hostHeader: ['Authorization=env:A'] }, 'a key or the header Authorization, got both'],
    [{ redis: 'redis://q', redisCa: CA, model: 'm' }, '--redis-ca: Expected a rediss:// URL'],
    [{ host: ['http://u:hunter2@a', 'http://a'] }, 'Expected every host once, got http://a twice'],
  ])('stop the start where they cannot be opened, and show no secret: %j', async (flags, words) => {
    await write('no.pem', '-----BEGIN CERTIFICATE-----\nhunter2\n-----END CERTIFICATE-----\n');
    const message = await problems(flags, { A: 'a', BLANK: ' ', LINES: 'hunter2\nhunter2' });
    expect(message).toContain(words);
    expect(message).not.toContain('hunter2');
  });

  it('in a configuration file are told by line', async () => {
    await write('visionbatch.yaml', 'hosts:\n  - url: https://a\n    key: env:NOT_SET\n');
    expect(await problems({})).toBe(
      'visionbatch.yaml:3:10 hosts[0].key: Expected the variable NOT_SET to be set, got none',
    );
  });

  it('may be missing where a flag goes before them', async () => {
    await write('visionbatch.yaml', 'hosts:\n  - url: https://a\n    key: env:NOT_SET\n');
    expect(revealed(await load({ host: ['https://b'] }))).toMatchObject([{ url: 'https://b' }]);
  });

  it('are host or hosts in a configuration file, not both', async () => {
    await write('visionbatch.yaml', 'host: http://a\nhosts: [http://b]\n');
    expect(await problems({})).toContain('visionbatch.yaml:2:1 hosts: Expected a setting once');
  });

  it('never print what they hold', async () => {
    const { settings } = await load({ host: ['https://a,key=env:K,header=X=env:K'] }, { K: 'hunter2' });
    expect(settings.hosts[0]?.key?.text).toBe('hunter2');
    expect(`${JSON.stringify(settings)}${settings.hosts[0]?.key}`).toContain('env:K');
    expect(`${JSON.stringify(settings)}${settings.hosts[0]?.key}`).not.toContain('hunter2');
  });
});

describe('a hosts file', () => {
  const read = (name: string, env: Record<string, string> = {}): Promise<HostsRead> =>
    readHostsFile(join(cwd, name), { variable: variablesOf(env) });

  it('is a list of entries in YAML or JSON, its files relative to it', async () => {
    await write('a.key', 'one');
    await write('hosts.yaml', '- http://a,slots=2\n- {url: https://b, key: file:a.key}\n');
    await write('hosts.json', JSON.stringify(['http://a,slots=2', { url: 'https://b', key: 'file:a.key' }]));
    const fromYaml = await read('hosts.yaml');
    expect(fromYaml).toMatchObject({ hosts: [{ url: 'http://a', slots: 2, listed: true }, { url: 'https://b' }] });
    expect(await read('hosts.json')).toEqual(fromYaml);
  });

  it.each([
    ['', 'Expected a list of hosts, got none'],
    ['[]', 'Expected a list of hosts, got none'],
    ['http://a', 'Expected a list of hosts, got none'],
    [
      'hosts:\n  - http://a\n',
      'Expected a list of hosts, got a map - begin every entry with a dash, and leave out `hosts:`',
    ],
    ['- http://a\n- gpu2', 'hosts.yaml:2:3 host[1]: Expected a URL'],
    ['- url: http://u:hunter2@a\n  ca: x', 'Expected an https URL'],
    ['- {url: https://a, key: env:GONE}', 'hosts.yaml:1:25 host[0].key: Expected the variable GONE to be set'],
    ['- [', 'hosts.yaml:'],
  ])('that holds %j is refused with its place and no password', async (text, words) => {
    await write('hosts.yaml', text);
    const found = JSON.stringify(await read('hosts.yaml'));
    expect(found).toContain(words);
    expect(found).not.toContain('hunter2');
  });

  it('that is not there is refused', async () => {
    expect(await read('gone.yaml')).toEqual({ problems: [expect.stringContaining('gone.yaml: cannot be read')] });
  });

  it('stands alone or beside hosts that are named, and has what is common to all', async () => {
    await write('hosts.yaml', '- https://b\n');
    const env = { OLLAMA_HOST: 'elsewhere', K: 'key' };
    const flags = { hostsFile: 'hosts.yaml', hostKey: 'env:K' };
    expect(revealed(await load(flags, env))).toMatchObject([{ url: 'https://b', key: 'key' }]);
    expect(revealed(await load({ ...flags, host: ['http://a'] }, env))).toMatchObject([
      { url: 'http://a', key: 'key' },
      { url: 'https://b', key: 'key' },
    ]);
    expect(await problems({ ...flags, host: ['https://b'] }, env)).toContain('Expected every host once');
  });

  it('is read again, beside the hosts that were named at the start', async () => {
    await write('hosts.yaml', '- https://b\n- https://c\n');
    const env = { K: 'key' };
    const { settings } = await load({ hostsFile: 'hosts.yaml', host: ['http://a'], hostKey: 'env:K' }, env);
    const place = { variable: variablesOf(env) };
    await write('hosts.yaml', '- https://c\n- https://d\n');
    const now = await hostsNow(settings, place);
    expect('hosts' in now && now.hosts.map(({ url, key }) => [url, key?.text])).toEqual([
      ['http://a', 'key'],
      ['https://c', 'key'],
      ['https://d', 'key'],
    ]);
    await write('hosts.yaml', '- http://a\n');
    expect(await hostsNow(settings, place)).toEqual({ problems: [expect.stringContaining('got http://a twice')] });
  });
});
