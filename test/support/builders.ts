import type { SlotGrant } from '../../jobs/fleet.js';
import type { Ask, ModelRequest, PixelSettings } from '../../src/core/ask.js';
import { fingerprint } from '../../src/core/fingerprint.js';
import type { Item, SourceReader } from '../../src/core/item.js';
import type { RequestProfile } from '../../src/core/model-profile.js';
import type { VisionRecord } from '../../src/core/record.js';
import type { Engine } from '../../src/engines/engine.js';
import type { RunMeta } from '../../src/results/run-meta.js';
import type { SlotMemory } from '../../workers/hosts/readiness.js';
import type { ItemReaders } from '../../workers/item-images.js';

/** A profile that assumes nothing. */
export function aProfile(changes: Partial<RequestProfile> = {}): RequestProfile {
  return { family: 'unknown', imagePlacement: 'before', rendered: false, maxImages: 1, ...changes };
}

/** A complete ask, changed where a test cares. */
export function anAsk(changes: Partial<Ask> = {}): Ask {
  return {
    task: 'ocr',
    taskName: 'ocr',
    engine: 'ollama',
    model: 'tiny',
    profile: aProfile(),
    system: null,
    prompt: 'Read the text.',
    form: { kind: 'page', format: 'text' },
    lang: 'eng',
    options: { temperature: 0, maxTokens: 4096, seed: null, repeatPenalty: null, stop: [], extra: {} },
    pixels: somePixels(),
    stitch: false,
    pdfText: 'ignore',
    ...changes,
  };
}

/** A question to a model, of an {@link anAsk} without images. */
export function aRequest(changes: Partial<ModelRequest> = {}): ModelRequest {
  const { model, profile, system, prompt, lang, options } = anAsk();
  const messages = [{ role: 'user', text: prompt }] as const;
  const rest = { images: [], lang, schema: null, options, numCtx: 8192, wantsConfidence: false };
  return { model, profile, system, messages, ...rest, ...changes };
}

/** Settings that change nothing of a usual picture, but for what a test changes. */
export function somePixels(changes: Partial<PixelSettings> = {}): PixelSettings {
  return {
    mode: 'auto',
    maxSide: 2000,
    maxPixels: 4_000_000,
    leastSide: 64,
    multiple: 1,
    dpi: 200,
    blankCheck: false,
    fixedSide: null,
    rotate: 'exif',
    deskew: false,
    ...changes,
  };
}

export function anItem(changes: Partial<Item> = {}): Item {
  return { key: 'a.png', sources: [{ root: 'scans', path: 'a.png' }], page: 1, ...changes };
}

/** An engine that does nothing, but for what a test gives it. */
export function anEngine(changes: Partial<Engine> = {}): Engine {
  const facts = { version: '0', digest: null, model: null, singleParallel: false, remote: null, warnings: [] };
  return {
    name: 'ollama',
    host: 'gpu1',
    tasks: new Set(['ocr']),
    generates: true,
    visionModels: async () => [],
    models: async () => ({ version: '0', models: [] }),
    describeModel: async () => null,
    preflight: async () => facts,
    preload: async () => facts,
    trial: async () => null,
    digest: async () => null,
    pull: async () => {},
    unload: async () => {},
    ask: () => {
      throw new Error('Expected no question');
    },
    probe: async () => true,
    close: async () => {},
    ...changes,
  };
}

/** Remembers nothing of any host. */
export const NO_SLOTS: SlotMemory = { recall: () => null, remember: () => {} };

/** Reads every source in one way. */
export function aReader(open: SourceReader): ItemReaders {
  return { open, openPages: open };
}

/** An `ok` record of the ocr task, changed where a test cares. */
export function aRecord(changes: Partial<VisionRecord> = {}): VisionRecord {
  const id = changes.id ?? 'a.png';
  return {
    schema_version: 1,
    id,
    source: id,
    page: 1,
    pages: null,
    status: 'ok',
    task: 'ocr',
    engine: 'ollama',
    model: 'tiny',
    model_digest: null,
    text: 'Hello',
    label: null,
    data: null,
    answers: null,
    warnings: [],
    error: null,
    attempts: 1,
    host: 'http://127.0.0.1:11434',
    confidence: null,
    weakest: null,
    verify: null,
    tokens: { prompt: 10, output: 2 },
    timing_ms: { queued: 1, load: 0, prompt: 5, generate: 6, total: 12 },
    source_bytes: 100,
    source_mtime: '2026-01-02T03:04:05.678Z',
    image: null,
    blank_ink: null,
    duplicate_of: null,
    ask_fingerprint: fingerprint(anAsk()),
    finished_at: '2026-01-02T03:04:06.000Z',
    ...changes,
  };
}

/** A store's meta before anything was discovered. */
export function aRunMeta(changes: Partial<RunMeta> = {}): RunMeta {
  const ask = changes.ask ?? anAsk();
  return {
    schema: 1,
    runId: '01890a5d-ac96-774b-bcce-b302099a8057',
    name: 'out.csv',
    createdMs: 0,
    inputs: ['/data/scans'],
    root: { name: 'scans', path: '/data/scans' },
    ask,
    fingerprint: fingerprint(ask),
    digest: null,
    accepted: [{ fingerprint: fingerprint(ask), digest: null }],
    given: {},
    generation: 0,
    discovered: false,
    notImages: {},
    outputs: [],
    found: {},
    counts: null,
    starts: 1,
    suspects: {},
    ...changes,
  };
}

/** So many slots of a host that nobody else uses. */
export function aGrant(slots: number, changes: Partial<SlotGrant> = {}): SlotGrant {
  return { slots, shared: false, alone: false, waitsFor: null, ...changes };
}
