import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { z } from 'zod';
import type { VisionRecord } from '../../src/core/record.js';
import { CliProcess } from '../support/cli.js';
import { type TestFolder, testFolder } from '../support/images.js';
import type { OllamaInput } from '../support/ollama/options.js';
import { type FakeOllama, startOllama } from '../support/ollama/server.js';
import { readRows } from '../support/rows.js';
import { endsWith } from '../support/runs.js';

/** One try as `show --json` prints it. */
const attemptSchema = z.object({ host: z.string(), code: z.string().nullable(), change: z.string().nullable() });
type ShownAttempt = z.infer<typeof attemptSchema>;

/** A folder, hosts in this process, where a test sees every request, and the built CLI that asks them. */
export class Scene implements AsyncDisposable {
  readonly folder: TestFolder;
  readonly hosts: readonly FakeOllama[];

  constructor(folder: TestFolder, hosts: readonly FakeOllama[]) {
    this.folder = folder;
    this.hosts = hosts;
  }

  /** The first host. */
  get ollama(): FakeOllama {
    const [first] = this.hosts;
    if (first === undefined) throw new Error('Expected a scene to have a host');
    return first;
  }

  /** Writes a file into the scene's folder and returns its bytes. */
  async write(name: string, bytes: Buffer | string): Promise<Buffer> {
    const file = this.folder.at(name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, bytes);
    return Buffer.from(bytes);
  }

  /** Starts a command that asks every host, with its rows in `out.jsonl`. */
  start(...command: readonly string[]): CliProcess {
    const hosts = this.hosts.flatMap(({ url }) => ['--host', url]);
    return new CliProcess([...command, ...hosts, '-o', 'out.jsonl'], { cwd: this.folder.path });
  }

  /** Runs such a command to its end and reads its rows, in order of their keys. Fails where it exits otherwise. */
  async rows(code: number, ...command: readonly string[]): Promise<VisionRecord[]> {
    await endsWith(code, this.start(...command));
    return readRows(this.folder.at('out.jsonl'));
  }

  /** The tries at an item, as `show --json` prints them. */
  async attempts(item: string): Promise<readonly ShownAttempt[]> {
    const show = new CliProcess(['show', 'out.jsonl', item, '--json'], { cwd: this.folder.path });
    const { stdout } = await endsWith(0, show);
    return z.object({ attempts: z.array(attemptSchema) }).parse(JSON.parse(stdout)).attempts;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.hosts.map((host) => host[Symbol.asyncDispose]()));
    await this.folder[Symbol.asyncDispose]();
  }
}

/** @param hosts - one entry a host */
export async function aScene(...hosts: readonly OllamaInput[]): Promise<Scene> {
  return new Scene(await testFolder(), await Promise.all(hosts.map((host) => startOllama(host))));
}

/** A page of 900 × 1200 pixels with lines as dark bars, another for every number. */
export function aPage(seed: number): Promise<Buffer> {
  const lines = Array.from({ length: 24 }, (_, line) => {
    const width = 200 + ((line * 97 + seed * 131) % 500);
    return `<rect x="80" y="${60 + line * 46}" width="${width}" height="22"/>`;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="900" height="1200"><rect width="900" height="1200" fill="#fff"/>${lines.join('')}</svg>`;
  return sharp(Buffer.from(svg)).flatten().png().toBuffer();
}
