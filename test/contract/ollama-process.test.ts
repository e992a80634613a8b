import { describe, expect, it } from 'vitest';
import { startOllamaProcess } from '../support/ollama/process.js';
import { chat, exchangeWith } from './ollama-wire.js';

const ask = { model: 'tiny', messages: [{ role: 'user', content: 'read' }], stream: false };

describe('protocol servers in a process of their own', () => {
  it('are many hosts with figures of each', async () => {
    await using fleet = await startOllamaProcess({ hosts: [{ slots: 2, serviceMs: 300 }, { version: '0.24.0' }] });
    const [first = '', second = ''] = fleet.urls;
    await Promise.all([chat(first, ask), chat(first, ask)]);
    const version = await exchangeWith(second, { method: 'GET', path: '/api/version', body: null });
    expect(JSON.parse(version.body)).toEqual({ version: '0.24.0' });
    const [busy, idle] = await fleet.stats();
    expect(busy).toMatchObject({ url: first, asks: 2, aborted: 0, busyHighWater: 2 });
    expect(busy?.busySlotMs).toBeGreaterThanOrEqual(580);
    expect(idle).toMatchObject({ url: second, requests: 1, asks: 0, busySlotMs: 0, firstRequestAt: null });
    expect(await fleet.requests(0)).toMatchObject([{ path: '/api/chat', body: ask }, { body: ask }]);
    await fleet.reset();
    expect(await fleet.stats()).toMatchObject([{ requests: 0, busySlotMs: 0 }, { requests: 0 }]);
  });

  it('take faults, for one host or for all', async () => {
    await using fleet = await startOllamaProcess({ hosts: [{}, {}] });
    const [first = '', second = ''] = fleet.urls;
    await fleet.fault(1, { outcome: { kind: 'busy' } });
    expect([(await chat(first, ask)).status, (await chat(second, ask)).status]).toEqual([200, 503]);
    await fleet.clearFaults();
    await fleet.fault(null, { outcome: { kind: 'model-missing' } });
    expect([(await chat(first, ask)).status, (await chat(second, ask)).status]).toEqual([404, 404]);
  });

  it('can be killed, one by one, and come back on the same port', async () => {
    await using fleet = await startOllamaProcess({ hosts: [{}, {}] });
    const [first = '', second = ''] = fleet.urls;
    await fleet.power(0, 'killed');
    expect(await chat(first, ask)).toMatchObject({ status: null });
    expect(await chat(second, ask)).toMatchObject({ status: 200 });
    await fleet.power(0, 'restarted');
    expect(await chat(first, ask)).toMatchObject({ status: 200 });
  });

  it('can lose their models, from their lists too, and have them back', async () => {
    await using fleet = await startOllamaProcess({ hosts: [{}, {}] });
    const [first = '', second = ''] = fleet.urls;
    const listed = async () => (await exchangeWith(first, { method: 'GET', path: '/api/tags', body: null })).body;
    await fleet.models(0, 'gone');
    expect(JSON.parse(await listed())).toEqual({ models: [] });
    expect([(await chat(first, ask)).status, (await chat(second, ask)).status]).toEqual([404, 200]);
    await fleet.models(0, 'back');
    expect(JSON.parse(await listed())).toMatchObject({ models: [{ name: 'tiny:latest' }] });
    expect(await chat(first, ask)).toMatchObject({ status: 200 });
  });

  it('refuse an order that they do not know', async () => {
    await using fleet = await startOllamaProcess({ hosts: [{}] });
    await expect(fleet.power(7, 'off')).rejects.toThrow('Expected `host` to be below 1, got 7');
  });
});
