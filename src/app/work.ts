import { stat } from 'node:fs/promises';
import path from 'node:path';
import { hostsNow } from '../../config/hosts/hosts-now.js';
import type { HostSpec, Settings } from '../../config/schema.js';
import type { Fleet, RunEntry } from '../../jobs/fleet.js';
import type { Queue } from '../../jobs/queue.js';
import type { SlotMemory } from '../../workers/hosts/readiness.js';
import { messageOf } from '../core/errors.js';
import { EXIT, type ExitCode, ExitError } from '../core/exit.js';
import type { Root } from '../core/item.js';
import type { Logger } from '../core/telling.js';
import { rootsProblem } from '../inputs/open.js';
import type { UrlReader } from '../inputs/urls/reader.js';
import type { Pixels } from '../pixels/prepare.js';
import { fleetHost } from './fleet-host.js';
import { addedHost } from './host-orders.js';
import { createHost, type ServedHost } from './hosts.js';
import { type Identity, newIdentity } from './identity.js';
import { IdleEnd } from './idle-end.js';
import type { Io } from './io.js';
import { LaneSet } from './lanes/lane-set.js';
import { openVerifier } from './parts.js';
import { openPixels } from './pixels.js';
import { ModelPulls } from './pulls.js';
import { purgeRun, withQueue } from './purge-run.js';
import { readersOf } from './readers.js';
import { Resources, withResources } from './resources.js';
import { HostServer, type Service } from './serve-host.js';
import { Shutdown } from './shutdown.js';
import { createSlotMemory } from './slot-memory.js';
import { tellingOf } from './telling.js';
import { openUrls } from './urls.js';
import { WorkerHeartbeat } from './worker-heartbeat.js';
import type { ServingHost } from './worker-host.js';
import { WorkerHosts } from './worker-hosts.js';

/** Serves runs that coordinators publish on Redis, until it is told to stop. */
export function runWorker(settings: Settings, io: Io): Promise<ExitCode> {
  return withResources(async (resources) => {
    const { redis: url, redisCa, redisPrefix: prefix } = settings;
    if (url === null) throw new ExitError(EXIT.usage, 'A worker needs the Redis that the run is on: --redis URL.');
    const { logger, progress } = await tellingOf(settings, io);
    resources.defer(() => progress.finish());
    let reread = (): void => {}; // until there are hosts
    const shutdown = new Shutdown({
      forMs: null,
      until: null,
      drainTimeoutMs: settings.drainTimeoutMs,
      ...(settings.hostsFile === null ? {} : { onHangup: () => reread() }),
      onStop: (cause, stage) =>
        logger.info(`${cause}: ${stage === 'drain' ? 'finishing what is in hand' : 'handing back what is in hand'}.`),
    });
    resources.defer(() => shutdown.close());
    const { createBullmqConnection, createBullmqFleet, createBullmqQueue } = await import('./on-redis.js');
    const connection = await createBullmqConnection({ url, ca: redisCa?.text ?? null, prefix, logger });
    resources.defer(() => connection.close());
    const fleet = createBullmqFleet({ connection, prefix });
    resources.defer(() => fleet.close());
    const identity = newIdentity(settings, io.version);
    const { machine } = identity;
    const pixels = await openPixels(settings, io.cwd, resources);
    const slotMemory = createSlotMemory(io, logger);
    const urls = openUrls(settings, io, resources);
    const pulls = settings.pull ? new ModelPulls({ logger, signal: shutdown.draining }) : null;
    const idling = new AbortController();
    const stopping = AbortSignal.any([shutdown.draining, idling.signal]);
    const queueOf = ({ runId }: RunEntry) => createBullmqQueue({ connection, runId, prefix });
    const serve = (spec: HostSpec, leaving: AbortSignal): ServingHost => {
      const host = createHost(spec, { ...settings, machine }, logger);
      const server = new HostServer({
        host,
        fleet,
        shutdown: { draining: AbortSignal.any([stopping, leaving]), aborting: shutdown.aborting },
        logger,
        rootsProblem: async (roots) =>
          unknownRoot(roots, settings) ?? (await rootsProblem(rootsHere(roots, settings, io)))?.message ?? null,
        waiting: (run) =>
          withQueue(queueOf(run), async (queue) => {
            const { waiting, delayed } = await queue.counts();
            return waiting + delayed;
          }),
        purge: (run) => purgeRun(run, { fleet, queueOf, holder: `${identity.name} ${host.engine.host}` }),
        open: (run) =>
          openService({
            run,
            host,
            fleet,
            queue: queueOf(run),
            identity,
            pixels,
            urls,
            pulls,
            slotMemory,
            logger,
            roots: rootsHere(run.roots, settings, io),
          }),
      });
      return {
        get isServing() {
          return server.isServing;
        },
        run: () => server.run(),
        close: () => host.engine.close(),
      };
    };
    const heartbeat = new WorkerHeartbeat({ fleet, identity, logger, stopping });
    const idle = new IdleEnd(settings.exitWhenIdleMs, () => {
      logger.info('No run to serve: the worker ends (--exit-when-idle).');
      idling.abort();
    });
    resources.defer(async () => idle.close());
    const hosts = new WorkerHosts({
      hosts: settings.hosts,
      read: () => hostsNow(settings, io.surroundings),
      writtenMs: () => writtenMs(settings.hostsFile),
      orders: () => fleet.hostOrders(),
      described: addedHost,
      serve,
      onLook: (isServing) => {
        heartbeat.note({ hosts: hosts.urls.map((url) => fleetHost(url, machine)), isServing });
        idle.note(isServing);
      },
      stopping,
      logger,
    });
    reread = () => hosts.reread();
    logger.info(`Worker ${identity.name} waits for runs.`);
    heartbeat.start();
    await hosts.run().finally(() => heartbeat.close());
    return shutdown.exitCode ?? EXIT.ok;
  });
}

interface ServiceParts {
  readonly run: RunEntry;
  readonly host: ServedHost;
  readonly fleet: Fleet;
  readonly queue: Queue;
  readonly identity: Identity;
  readonly pixels: Pixels;
  readonly logger: Logger;
  readonly roots: readonly Root[];
  readonly urls: UrlReader;
  readonly pulls: ModelPulls | null;
  readonly slotMemory: SlotMemory;
}

async function openService(parts: ServiceParts): Promise<Service | null> {
  const { run, host, fleet, queue, logger } = parts;
  const ask = await fleet.ask(run.ask);
  if (ask === null) {
    await queue.close();
    return null;
  }
  const resources = new Resources();
  resources.defer(() => queue.close());
  const verify = await openVerifier({ ask, limits: run.limits, logger }, resources).catch((error: unknown) => {
    logger.warn(`Run ${run.runId} wants its pages read a second time, which this machine cannot: ${messageOf(error)}`);
    return null;
  });
  if (verify === null && run.limits.verifyShare !== null) {
    await resources.release();
    return null;
  }
  const lanes = new LaneSet({
    hosts: [host],
    shared: true,
    run,
    ask,
    queue,
    fleet,
    identity: parts.identity,
    readers: readersOf(parts.roots, parts.urls.read),
    pixels: parts.pixels,
    check: null, // a user's own code stays with the coordinator
    verify,
    pulls: parts.pulls,
    contextAdvice: () => null, // the coordinator knows the model's profile, and says it at the start
    slotMemory: parts.slotMemory,
    onDigest: async () => {},
    onTaken: () => {},
    onGivenBack: () => {},
    onStop: (failure) => logger.error(`Run ${run.runId} cannot go on: ${failure.message}`, { code: failure.code }),
    logger,
  });
  const close = async (options: { readonly abort: boolean }) => {
    await lanes.close(options);
    await resources.release();
  };
  return { lanes, queue, close };
}

/** A worker that names its roots reads below these and nowhere else. */
function unknownRoot(roots: readonly Root[], { roots: own }: Settings): string | null {
  if (own.length === 0) return null;
  const unknown = roots.find((root) => !own.some(({ name }) => name === root.name));
  if (unknown === undefined) return null;
  return `its folder ${unknown.name} is none of this worker's. Say where it is: --root ${unknown.name}=PATH`;
}

/** The run's roots where they are on this machine: at the same path unless `--root` says otherwise. */
function rootsHere(roots: readonly Root[], settings: Settings, io: Io): readonly Root[] {
  return roots.map((root) => {
    const here = settings.roots.find(({ name }) => name === root.name);
    return here === undefined ? root : { name: root.name, path: path.resolve(io.cwd, here.path) };
  });
}

/** When a file was written last; null without one, or where it is gone. */
async function writtenMs(file: string | null): Promise<number | null> {
  if (file === null) return null;
  return await stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => null,
  );
}
