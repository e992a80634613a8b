import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createControl } from './control.js';
import type { OllamaInput } from './options.js';
import { startOllama } from './server.js';

/** The one argument of this program, as JSON. */
export interface FleetConfig {
  /** One entry a host; `answer` cannot travel here. */
  readonly hosts: readonly Omit<OllamaInput, 'answer'>[];
}

/** The one line that this program prints, as JSON. */
export interface FleetUrls {
  readonly urls: readonly string[];
  /** Base URL of the control API, see `control.ts`. */
  readonly control: string;
}

/** Serves a fleet of hosts until its standard input ends, so that it never outlives the test that started it. */
async function main(argument: string | undefined): Promise<void> {
  const config = JSON.parse(argument ?? '{"hosts":[{}]}') as FleetConfig;
  const hosts = await Promise.all(config.hosts.map((host) => startOllama(host)));
  const control = createControl(hosts);
  control.listen(0, '127.0.0.1');
  await once(control, 'listening');
  const { port } = control.address() as AddressInfo;
  const line: FleetUrls = { urls: hosts.map(({ url }) => url), control: `http://127.0.0.1:${port}` };
  process.stdout.write(`${JSON.stringify(line)}\n`);
  process.stdin.resume().once('end', () => process.exit(0));
}

await main(process.argv[2]);
