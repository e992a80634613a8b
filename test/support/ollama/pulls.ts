import type { HostParts } from './asks.js';
import { tagged } from './catalogue.js';
import type { Exchange } from './exchange.js';
import { modelName } from './model-name.js';
import type { ModelSpec, OllamaOptions } from './options.js';
import { pause } from './pause.js';

/** How often the server tells how far a part of the model is. */
const TICK_MS = 60;

/**
 * Pulls a model as a real server does: what is wrong is told in the stream, after its first line. A model that is here is
 * complete at once, and one of which the client left half-way is not there.
 */
export async function servePull({ catalogue, options }: HostParts, exchange: Exchange): Promise<void> {
  const name = await modelName(exchange, 'PullRequest');
  const { stream } = exchange.log.body as { readonly stream?: unknown };
  const here = catalogue.find(name);
  const model = here ?? options.registry?.find((one) => tagged(one.name) === tagged(name).toLowerCase());
  if (stream === false) {
    if (model === undefined) exchange.json(500, { error: unknown(name, options) }, 'application/json');
    else exchange.json(200, { status: 'success' });
    if (model !== undefined) catalogue.add(model);
    return;
  }
  await exchange.line({ status: 'pulling manifest' });
  const error = model === undefined ? unknown(name, options) : noRoom(model, options);
  if (model === undefined || (here === undefined && error !== null)) await exchange.line({ error });
  else {
    if (here === undefined) await tellPart(model, { exchange, options });
    for (const status of ['verifying sha256 digest', 'writing manifest']) await exchange.line({ status });
    catalogue.add(model);
    await exchange.line({ status: 'success' });
  }
  exchange.end();
}

async function tellPart(
  { digest, sizeBytes: total }: ModelSpec,
  { exchange, options }: { readonly exchange: Exchange; readonly options: OllamaOptions },
): Promise<void> {
  const ticks = Math.max(1, Math.ceil(options.pullMs / TICK_MS));
  const part = { status: `pulling ${digest.slice(0, 12)}`, digest: `sha256:${digest}`, total };
  await exchange.line(part);
  for (let tick = 1; tick <= ticks; tick += 1) {
    await pause(options.pullMs / ticks, exchange.controller.signal);
    await exchange.line({ ...part, completed: Math.round((total * tick) / ticks) });
  }
}

function unknown(name: string, { registry }: OllamaOptions): string {
  if (registry !== null) return 'pull model manifest: file does not exist';
  const manifest = `https://registry.ollama.ai/v2/library/${name}/manifests/latest`;
  return `pull model manifest: Get "${manifest}": dial tcp: lookup registry.ollama.ai on <dns>: no such host`;
}

function noRoom({ digest, sizeBytes }: ModelSpec, { diskFreeBytes }: OllamaOptions): string | null {
  if (sizeBytes <= diskFreeBytes) return null;
  return `write /root/.ollama/models/blobs/sha256-${digest}-partial: no space left on device`;
}
