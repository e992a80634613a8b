import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { loadRecordings, recordingOf, replayServer } from './ollama-recordings.js';

describe('the recordings of a real server', () => {
  it('are 109, each under its own name', () => {
    const names = loadRecordings().map((recording) => recording.case);
    expect(new Set(names).size).toBe(109);
    expect(names).toHaveLength(109);
  });

  it('have their left-out chunks back', () => {
    const { chunks } = recordingOf('loop-stream-native').response;
    expect(chunks).toHaveLength(61); // 60 tokens and the final line
    expect(chunks.at(-1)).toContain('"done_reason":"length"');
  });

  it('hold whole JSON wherever a real body was whole', () => {
    for (const { response } of loadRecordings()) {
      if (response.headers['Content-Type']?.startsWith('application/') !== true) continue;
      for (const line of response.chunks) expect(() => JSON.parse(line)).not.toThrow();
    }
  });

  it('come back byte for byte', async () => {
    const recording = recordingOf('emoji-stream-native');
    await using server = await replayServer(recording);
    const raw = await exchange(server.url);
    const { headers, chunks } = recording.response;
    const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const frames = chunks.map((chunk) => `${Buffer.byteLength(chunk).toString(16)}\r\n${chunk}\r\n`);
    expect(raw).toBe(`HTTP/1.1 200 OK\r\n${head.join('')}\r\n${frames.join('')}0\r\n\r\n`);
  });

  it('end without the last empty chunk where the server died', async () => {
    await using server = await replayServer(recordingOf('ollama-sigterm-stream'));
    const raw = await exchange(server.url);
    expect(raw).toContain('"content":"4"');
    expect(raw.endsWith('0\r\n\r\n')).toBe(false);
  });

  it('close without a header where the server died before one', async () => {
    await using server = await replayServer(recordingOf('ollama-sigterm-nostream'));
    expect(await exchange(server.url)).toBe('');
  });
});

/** Everything a server writes to one request until the connection ends or falls silent after a complete response. */
async function exchange(url: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  socket.on('data', (bytes: Buffer) => {
    if (bytes.includes('0\r\n\r\n')) socket.end();
  });
  return text(socket);
}
