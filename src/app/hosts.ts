import { availableParallelism } from 'node:os';
import { CPU, type HostSpec, type Settings } from '../../config/schema.js';
import { MOST_SLOTS } from '../../workers/hosts/readiness.js';
import type { EngineName } from '../core/ask.js';
import { withoutUserinfo } from '../core/redact.js';
import type { SleepWindow } from '../core/sleep.js';
import type { Logger } from '../core/telling.js';
import { createCpuOcrEngine } from '../engines/cpu-ocr/engine.js';
import type { Engine } from '../engines/engine.js';
import { createOllamaEngine } from '../engines/ollama/client.js';
import { fleetHost } from './fleet-host.js';
import type { Resources } from './resources.js';

/** A host as this process serves it. */
export interface ServedHost {
  readonly engine: Engine;
  /** Null: the host is asked how many stream at once. */
  readonly slots: number | null;
  readonly ahead: number;
  /** When it is left alone. */
  readonly sleep: readonly SleepWindow[];
}

/** What hosts have in common. */
export interface HostsSettings extends Pick<Settings, 'allowRemote' | 'connectTimeoutMs'> {
  readonly lang: string;
  /** This machine's name, where others serve the same runs; null where nobody does. */
  readonly machine: string | null;
}

/** Requests sent beyond the slots. */
const DEFAULT_AHEAD = 1;

/** The engine that these hosts are; cpu stands alone, as the settings have made sure. */
export function engineOf(hosts: readonly HostSpec[]): EngineName {
  return hosts.some((host) => host.url === CPU) ? 'cpu-ocr' : 'ollama';
}

/** Builds the engines of the hosts; they are closed with the resources. */
export function createHosts(
  settings: HostsSettings & Pick<Settings, 'hosts'>,
  logger: Logger,
  resources: Resources,
): readonly ServedHost[] {
  return settings.hosts.map((spec) => {
    const host = createHost(spec, settings, logger);
    resources.defer(() => host.engine.close());
    return host;
  });
}

/** Builds the engine of one host; whoever makes it closes it. */
export function createHost(spec: HostSpec, settings: HostsSettings, logger: Logger): ServedHost {
  const address = withoutUserinfo(spec.url);
  const name = settings.machine === null ? address : fleetHost(address, settings.machine);
  return spec.url === CPU
    ? cpuHost(spec, { name, lang: settings.lang })
    : ollamaHost(spec, { ...settings, name, logger });
}

/** The built-in OCR leaves one core to everything else. */
function cpuHost(spec: HostSpec, named: { readonly name: string; readonly lang: string }): ServedHost {
  const slots = spec.slots ?? Math.max(1, availableParallelism() - 1);
  return { engine: createCpuOcrEngine({ slots, ...named }), slots, ahead: DEFAULT_AHEAD, sleep: spec.sleep };
}

function ollamaHost(
  spec: HostSpec,
  settings: HostsSettings & { readonly name: string; readonly logger: Logger },
): ServedHost {
  const { allowRemote, connectTimeoutMs, logger, name } = settings;
  const { slots } = spec;
  const ahead = spec.ahead ?? DEFAULT_AHEAD;
  // As many as a search for slots may take; beside what is open a look may ask for a few words, and a probe must get through.
  const connections = (slots ?? MOST_SLOTS) + ahead + 2;
  const { ca, headers, key, url } = spec;
  const door = { ca, headers, key };
  const engine = createOllamaEngine({ url, name, connections, connectTimeoutMs, logger, door, allowRemote });
  return { engine, slots, ahead, sleep: spec.sleep };
}
