import { createRequire } from 'node:module';
import type { ModelAnswer, ModelRequest, TaskName } from '../../core/ask.js';
import { toVisionError, VisionError } from '../../core/errors.js';
import type { Delta, Engine, HostFacts, PreloadOptions } from '../engine.js';
import { type FindLanguage, findLanguagePackage, readLanguages } from './languages.js';
import { ThreadPool } from './pool.js';

export interface CpuOcrOptions {
  /** Images read at once, each on a thread of its own; at least 1. */
  readonly slots: number;
  /** Languages that are loaded before the first item, as Tesseract names them: `deu+fra`. */
  readonly lang: string;
  /** What it is called in rows and logs. @defaultValue `cpu` */
  readonly name?: string;
  /** Where a language's data is; the npm packages beside the product unless a test says otherwise. */
  readonly findLanguage?: FindLanguage;
}

const TASKS: ReadonlySet<TaskName> = new Set(['ocr']);

const VERSION = (createRequire(import.meta.url)('tesseract.js/package.json') as { readonly version: string }).version;

/** The built-in OCR: Tesseract as WASM on worker threads, with no network, no server and no model. */
export function createCpuOcrEngine({
  slots,
  lang,
  name = 'cpu',
  findLanguage = findLanguagePackage,
}: CpuOcrOptions): Engine {
  const languages = (wanted: string) => readLanguages(wanted, findLanguage);
  const pool = new ThreadPool({ slots, languages });
  const facts: HostFacts = {
    version: `tesseract.js ${VERSION}`,
    digest: null,
    model: null,
    singleParallel: false,
    remote: null,
    warnings: [],
  };

  return {
    name: 'cpu-ocr',
    host: name,
    tasks: TASKS,
    generates: false,
    visionModels: async () => [],
    models: async () => ({ version: facts.version, models: [] }),
    describeModel: async () => null,
    /** Throws VisionError MODEL_MISSING where a language's data is not installed. */
    async preflight(): Promise<HostFacts> {
      await languages(lang);
      return facts;
    },
    async preload({ loadTimeoutMs, signal }: PreloadOptions): Promise<HostFacts> {
      const late = AbortSignal.timeout(loadTimeoutMs);
      try {
        await pool.warm(lang, AbortSignal.any([signal, late]));
      } catch (error) {
        if (!late.aborted) throw toVisionError(error);
        throw new VisionError('MODEL_LOAD_FAILED', `The built-in OCR did not start within ${loadTimeoutMs} ms.`);
      }
      return facts;
    },
    trial: async () => null,
    digest: async () => null,
    pull: async () => {}, // it has no models
    unload: async () => {},
    async *ask(request: ModelRequest, signal: AbortSignal): AsyncIterable<Delta> {
      const [image, ...others] = request.images;
      if (image === undefined || others.length > 0) {
        throw new VisionError('REQUEST_REFUSED', 'The built-in OCR reads one image at a time.');
      }
      const startedMs = performance.now();
      const page = await pool.recognize(image.bytes, request.lang, signal);
      const text = page.text.trimEnd();
      yield { text };
      yield { answer: answer(text, performance.now() - startedMs) };
    },
    probe: async () => true,
    close: () => pool.close(),
  };
}

/**
 * Tesseract's own confidence is left out: it is no token probability, and it stayed at 95 of 100 on pages that had lost
 * a quarter of their text.
 */
function answer(text: string, generateMs: number): ModelAnswer {
  return {
    text,
    end: 'complete',
    tokens: { prompt: null, output: null },
    timingMs: { load: null, prompt: null, generate: generateMs },
    confidence: null,
    ...(text === '' ? { blank: true } : {}),
  };
}
