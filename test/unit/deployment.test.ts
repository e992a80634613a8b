import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { SETTINGS } from '../../config/schema.js';

const ROOT = new URL('../../', import.meta.url);
const read = (file: string) => readFileSync(new URL(file, ROOT), 'utf8');

interface Service {
  readonly image?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly ports?: readonly string[];
  readonly profiles?: readonly string[];
  readonly restart?: string;
  readonly volumes?: readonly string[];
  readonly container_name?: string;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly deploy?: { readonly resources: { readonly reservations: { readonly devices: readonly Device[] } } };
}

interface Device {
  readonly driver: string;
  readonly device_ids: readonly string[];
  readonly capabilities: readonly string[];
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

/** As Compose reads it: YAML with merge keys, variables at their defaults. */
const compose = parse(read('docker-compose.yml').replace(/\$\{\w+:-([^}]*)\}/g, '$1'), { merge: true }) as Compose;

function service(name: string): Service {
  const found = compose.services[name];
  if (found === undefined) throw new Error(`Expected a service ${name}`);
  return found;
}

/** The keys of the Compose specification that are used here: a misspelt one would be ignored or refused. */
const KEYS = new Set(
  'build command depends_on deploy environment healthcheck image init profiles restart stop_grace_period volumes'.split(
    ' ',
  ),
);

describe('docker-compose.yml', () => {
  it('knows no key that Compose does not know', () => {
    const used = Object.values(compose.services).flatMap((one) => Object.keys(one));
    expect(used.filter((key) => !KEYS.has(key))).toEqual([]);
  });

  it('publishes no port beyond this machine', () => {
    const ports = Object.values(compose.services).flatMap((one) => one.ports ?? []);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  it('keeps the queue on disk and refuses to drop jobs', () => {
    const { command, healthcheck, volumes } = service('redis');
    expect(command?.join(' ')).toBe(
      'redis-server --appendonly yes --appendfsync everysec --maxmemory-policy noeviction',
    );
    expect(healthcheck?.test).toEqual(['CMD', 'redis-cli', 'ping']);
    expect(volumes).toEqual(['redis:/data']);
  });

  it.each(['ollama-0', 'ollama-1'])('runs %s pinned, alone on its GPU and without what fills memory', (name) => {
    const { image, environment, healthcheck } = service(name);
    expect(image).toMatch(/^ollama\/ollama:\d+\.\d+\.\d+$/);
    expect(healthcheck?.test).toEqual(['CMD', 'ollama', 'list']);
    expect(environment).toMatchObject({ LLAMA_ARG_CACHE_RAM: 0, OLLAMA_MAX_LOADED_MODELS: 1, OLLAMA_NO_CLOUD: 1 });
  });

  it('gives each Ollama a GPU and models of its own', () => {
    const both = [service('ollama-0'), service('ollama-1')];
    const devices = both.map((one) => one.deploy?.resources.reservations.devices);
    expect(devices).toEqual([
      [{ driver: 'nvidia', device_ids: ['0'], capabilities: ['gpu'] }],
      [{ driver: 'nvidia', device_ids: ['1'], capabilities: ['gpu'] }],
    ]);
    expect(both.map((one) => one.volumes)).toEqual([['ollama-0:/root/.ollama'], ['ollama-1:/root/.ollama']]);
  });

  it('leaves the context length to the runs, which ask for what they need', () => {
    expect(service('ollama-0').environment).not.toHaveProperty('OLLAMA_CONTEXT_LENGTH');
  });

  it('asks a host for as many answers at once as it gives', () => {
    const slots = service('ollama-0').environment?.OLLAMA_NUM_PARALLEL;
    const hosts = service('worker').command?.filter((word) => word.startsWith('http'));
    expect(hosts).toEqual([`http://ollama-0:11434,slots=${slots}`, `http://ollama-1:11434,slots=${slots}`]);
  });

  it('lets workers be scaled', () => {
    expect(service('worker').container_name).toBeUndefined();
    expect(service('worker').ports).toBeUndefined();
  });

  it('runs once, only when asked to', () => {
    expect(service('run')).toMatchObject({ restart: 'no', profiles: ['run'] });
  });

  it('reads images at the same place everywhere, and cannot change them', () => {
    expect(service('worker').volumes).toEqual(['./images:/images:ro']);
    expect(service('run').volumes).toEqual(['./images:/images:ro', 'output:/output']);
    expect(service('run').command).toContain('/images');
  });

  it('uses flags that exist', () => {
    const known = new Set(Object.values(SETTINGS).map((row) => `--${row.name}`));
    const flags = ['worker', 'run']
      .flatMap((name) => service(name).command ?? [])
      .filter((word) => word.startsWith('--'));
    expect(flags.length).toBeGreaterThan(0);
    expect(flags.filter((flag) => !known.has(flag))).toEqual([]);
  });

  it('waits for services that exist and have a health check', () => {
    const waits = Object.values(compose.services).flatMap((one) => Object.entries(one.depends_on ?? {}));
    expect(waits.length).toBeGreaterThan(0);
    for (const [name, { condition }] of waits) {
      expect(condition).toBe('service_healthy');
      expect(service(name).healthcheck).toBeDefined();
    }
  });

  it('declares every named volume, and uses each', () => {
    const mounts = Object.values(compose.services).flatMap((one) => one.volumes ?? []);
    const named = mounts.map((mount) => mount.split(':')[0] ?? '').filter((source) => !source.startsWith('.'));
    expect([...new Set(named)].sort()).toEqual(Object.keys(compose.volumes).sort());
  });
});

describe('Dockerfile', () => {
  const lines = read('Dockerfile').split('\n');
  const copied = lines
    .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
    .flatMap((line) => line.split(' ').slice(1, -1));

  it('copies what is there, and .dockerignore lets it through', () => {
    const allowed = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'));
    expect(copied.filter((path) => !existsSync(new URL(path, ROOT)))).toEqual([]);
    expect(allowed.map((line) => line.slice(1)).sort()).toEqual([...new Set(copied)].sort());
  });

  it('copies every folder that is compiled, but the tests', () => {
    const { include } = JSON.parse(read('tsconfig.json')) as { include: string[] };
    expect(copied).toEqual(expect.arrayContaining(include.filter((folder) => folder !== 'test')));
  });

  it('installs without development packages what it ships, and does not run as root', () => {
    const last = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')));
    expect(lines).toContain('RUN npm ci --omit=dev --no-audit --no-fund');
    expect(last).toContain('COPY --from=modules /app/node_modules node_modules');
    expect(last).toContain('USER node');
    expect(last.filter((line) => line.startsWith('RUN npm'))).toEqual([]);
  });

  it('starts the command that the package names', () => {
    const { bin } = JSON.parse(read('package.json')) as { bin: { visionbatch: string } };
    expect(lines).toContain(`ENTRYPOINT ["node", "/app/${bin.visionbatch}"]`);
  });
});
