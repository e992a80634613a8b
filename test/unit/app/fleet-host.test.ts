import { expect, it } from 'vitest';
import { bareHost } from '../../../config/hosts/host.js';
import { fleetHost, isEverywhere, partsOf } from '../../../src/app/fleet-host.js';
import { createHost } from '../../../src/app/hosts.js';
import { newIdentity } from '../../../src/app/identity.js';
import { SILENT } from '../../../src/core/telling.js';

it.each([
  'cpu',
  'http://127.0.0.1:11434',
  'https://127.1.2.3',
  'http://localhost:11434/ollama',
  'http://ollama.localhost',
  'http://[::1]:11434',
  'http://[::ffff:7f00:1]:11434',
  'http://0.0.0.0:11434',
  'http://host.docker.internal:11434',
])('%s is another host on every machine', (address) => {
  expect(isEverywhere(address)).toBe(true);
  const [here, there] = ['gpu1', 'gpu2'].map((machine) => fleetHost(address, machine));
  expect(here).not.toBe(there);
  expect(partsOf(here ?? '')).toEqual({ address, machine: 'gpu1' });
});

it.each(['http://gpu1:11434', 'http://10.0.0.7:11434', 'https://127.example.org', 'http://[fd00::1]:11434'])(
  '%s is the same host from every machine',
  (address) => {
    expect(fleetHost(address, 'gpu1')).toBe(address);
    expect(partsOf(address)).toEqual({ address, machine: null });
  },
);

it.each([
  ['http://me:secret@127.0.0.1:11434', 'http://127.0.0.1:11434'],
  ['cpu', 'cpu'],
])('a host at %s is called by its machine among others, and by its address alone', async (url, address) => {
  const settings = { allowRemote: false, connectTimeoutMs: 1_000, lang: 'eng' };
  const named = ['gpu1', null].map((machine) => createHost(bareHost(url), { ...settings, machine }, SILENT).engine);
  expect(named.map(({ host }) => host)).toEqual([`${address}#gpu1`, address]);
  await Promise.all(named.map((engine) => engine.close()));
});

it('two processes never have one name, though machine and number are the same', () => {
  const [one, other] = [1, 2].map(() => newIdentity({ machine: 'vm' }, '0'));
  expect(one).toMatchObject({ machine: 'vm', pid: process.pid });
  expect(one?.name).not.toBe(other?.name);
  expect(newIdentity({ machine: null }, '0').machine).not.toBe('');
});
