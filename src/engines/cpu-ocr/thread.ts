import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { messageOf, VisionError } from '../../core/errors.js';
import type { Language } from './languages.js';

const require = createRequire(import.meta.url);

const TESSERACT_SCRIPT = require.resolve('tesseract.js/src/worker-script/node/index.js');

/** OEM.LSTM_ONLY, the only engine that the `best_int` data has. */
const LSTM_ONLY = 1;

interface Reply {
  readonly jobId: string;
  readonly status: 'resolve' | 'reject' | 'progress';
  readonly data: unknown;
}

/** What was read on an image. */
export interface RecognizedPage {
  readonly text: string;
  /** Tab-separated boxes, beginning with the page's own, as `tesseract … tsv` writes them. */
  readonly tsv: string;
}

interface Call {
  readonly resolve: (data: unknown) => void;
  readonly reject: (reason: VisionError) => void;
}

/**
 * One tesseract.js worker thread, one image at a time.
 *
 * It speaks to tesseract.js's own worker script in that script's messages (7.0.0: `load`, `loadLanguage`, `initialize`,
 * `recognize`) instead of through `createWorker`, which hangs for ever when language data cannot be loaded, leaves the
 * call open when the thread dies, and lets the WASM code write to our stderr.
 */
export class OcrThread {
  readonly #worker: Worker;
  readonly #calls = new Map<string, Call>();
  #lastId = 0;
  #death: VisionError | null = null;

  /** @param script - what runs on the thread; tests have scripts that crash. */
  constructor(script: string = TESSERACT_SCRIPT) {
    this.#worker = new Worker(script, { stdout: true, stderr: true });
    // Read and dropped: remarks such as "Invalid resolution 25 dpi" would stand in the middle of our own lines.
    this.#worker.stdout.resume();
    this.#worker.stderr.resume();
    this.#worker.on('message', (reply: Reply) => this.#settle(reply));
    this.#worker.on('error', (error) => this.#die(messageOf(error)));
    this.#worker.on('exit', (code) => this.#die(`its thread ended with code ${code}`));
  }

  /** False once the thread has crashed or was terminated: it will never answer again. */
  get alive(): boolean {
    return this.#death === null;
  }

  /** Loads the WASM code and the languages. Throws VisionError MODEL_LOAD_FAILED, or HOST_CRASHED if the thread died. */
  async load(languages: readonly Language[]): Promise<void> {
    const options = { cacheMethod: 'none', gzip: true, lstmOnly: true };
    await this.#call('load', { options: { lstmOnly: true } }, 'MODEL_LOAD_FAILED');
    await this.#call('loadLanguage', { langs: languages, options }, 'MODEL_LOAD_FAILED');
    const langs = languages.map(({ code }) => code);
    await this.#call('initialize', { langs, oem: LSTM_ONLY, config: {} }, 'MODEL_LOAD_FAILED');
  }

  /**
   * Reads an encoded image, straightened where the page lies askew (dropped lines otherwise: 23 % of the characters at
   * 1.5 degrees). Throws VisionError IMAGE_UNREADABLE, IMAGE_TOO_LARGE or HOST_CRASHED; after the last one the thread is
   * not alive.
   */
  async recognize(image: Uint8Array): Promise<RecognizedPage> {
    const payload = { image, options: { rotateAuto: true }, output: { text: true, tsv: true } };
    const page = (await this.#call('recognize', payload, 'HOST_CRASHED')) as RecognizedPage;
    // Where WASM's memory cannot hold the image, the text is empty as on a blank page, without an error. Only the table
    // of boxes tells them apart: it has a line for the page itself, if there was one.
    if (page.tsv !== '') return page;
    throw new VisionError('IMAGE_TOO_LARGE', 'The image does not fit into the memory of the built-in OCR.', {
      fix: 'Leave out --pixels as-is, or lower --max-side and --max-pixels.',
    });
  }

  async terminate(): Promise<void> {
    this.#die('it was terminated');
    await this.#worker.terminate();
  }

  #call(action: string, payload: unknown, code: 'MODEL_LOAD_FAILED' | 'HOST_CRASHED'): Promise<unknown> {
    if (this.#death !== null) return Promise.reject(this.#death);
    this.#lastId += 1;
    const jobId = String(this.#lastId);
    return new Promise((resolve, reject) => {
      this.#calls.set(jobId, { resolve, reject: (error) => reject(this.#meaningOf(error, code)) });
      this.#worker.postMessage({ workerId: '', jobId, action, payload });
    });
  }

  #settle({ jobId, status, data }: Reply): void {
    const call = this.#calls.get(jobId);
    if (status === 'progress' || call === undefined) return;
    this.#calls.delete(jobId);
    if (status === 'resolve') call.resolve(data);
    else call.reject(new VisionError('UNEXPECTED', String(data)));
  }

  /** Rejections are strings; all but an undecodable image leave the WASM memory in doubt, so that thread is given up. */
  #meaningOf(error: VisionError, code: 'MODEL_LOAD_FAILED' | 'HOST_CRASHED'): VisionError {
    if (error.code !== 'UNEXPECTED') return error;
    if (error.sentence.includes('attempting to read image')) {
      return new VisionError('IMAGE_UNREADABLE', 'The built-in OCR cannot decode this image.', { cause: error });
    }
    this.#die(error.sentence);
    return new VisionError(code, `The built-in OCR failed: ${error.sentence}.`, { cause: error });
  }

  #die(reason: string): void {
    this.#death ??= new VisionError('HOST_CRASHED', `The built-in OCR stopped: ${reason}.`);
    for (const call of this.#calls.values()) call.reject(this.#death);
    this.#calls.clear();
  }
}
