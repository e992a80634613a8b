import type { HostModel } from '../../engines/engine.js';
import { counted, percent, table } from '../../telemetry/words.js';
import type { LookedHost, SharedModel } from './look.js';

const DIGEST_LENGTH = 12;
const HEADERS = ['name', 'size', 'digest', 'parameters', 'context', 'slots', 'in memory'];

/** The hosts with their models, each host a paragraph, and what of it is the same everywhere. */
export function modelLines(looked: readonly LookedHost[], shared: readonly SharedModel[]): readonly string[] {
  const paragraphs = looked.map(hostLines);
  return [...paragraphs.flatMap((lines) => [...lines, '']), ...sharedLines(looked, shared)];
}

function hostLines({ host, version, error, models }: LookedHost): readonly string[] {
  if (error !== null) return [`${host}  does not answer: ${error.code}: ${error.message}`];
  const title = `${host}  ${version ?? ''}`;
  if (models.length === 0) return [title, '  no vision model'];
  const rows = table([HEADERS, ...models.map(cellsOf)], 'lrlrrrl');
  return [title, ...rows.map((row) => `  ${row}`)];
}

function cellsOf({ digest, loaded, model, name, remote, singleParallel, sizeBytes }: HostModel): readonly string[] {
  return [
    name,
    remote === null ? inBytes(sizeBytes) : '-',
    digest.slice(0, DIGEST_LENGTH),
    model.parameterSize ?? '-',
    model.contextLength === null ? '-' : String(model.contextLength),
    singleParallel ? '1 (always)' : '-',
    remote === null ? memoryOf(loaded) : `images leave the host: runs at ${remote}`,
  ];
}

function memoryOf(loaded: HostModel['loaded']): string {
  if (loaded === null) return '-';
  const { contextLength, gpuShare } = loaded;
  const share = gpuShare === null ? 'loaded' : `${percent(gpuShare, 1)} of it on the GPU`;
  return contextLength === null ? share : `${share}, context ${contextLength}`;
}

function sharedLines(looked: readonly LookedHost[], shared: readonly SharedModel[]): readonly string[] {
  const answering = looked.filter(({ error }) => error === null).length;
  if (answering < 2 || shared.length === 0) return [];
  const same = shared.filter(({ isSame }) => isSame).map(({ name }) => name);
  const differing = shared.filter(({ isSame }) => !isSame);
  return [
    `The same on ${answering === looked.length ? 'all' : `all ${answering} that answer, of`} ${counted(looked.length, 'host')}: ${same.join(', ') || 'none'}`,
    ...differing.map(differenceOf),
  ];
}

function differenceOf({ name, hosts, lacking }: SharedModel): string {
  const isOneVersion = hosts.size === 1;
  const places = [...hosts].map(([digest, on]) => {
    return `${isOneVersion ? '' : `${digest.slice(0, DIGEST_LENGTH)} `}on ${on.join(', ')}`;
  });
  const missing = lacking.length === 0 ? [] : [`missing on ${lacking.join(', ')}`];
  return `${isOneVersion ? 'Not everywhere' : 'Not the same'}: ${name} is ${[...places, ...missing].join('; ')}`;
}

/** `6433687776` → `6.4 GB`. */
export function inBytes(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  return `${Math.max(1, Math.round(bytes / 1e6))} MB`;
}
