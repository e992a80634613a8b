import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { PDFiumDocument, PDFiumLibrary } from '@hyzyla/pdfium';
import { SharedFiles } from './pdf-files.js';
import { isPdfium, type PdfiumModule } from './pdf-inside.js';

/** Why PDFium does not open a document: `FPDF_ERR_…` of `fpdfview.h`. */
export type LoadFailure = 'damaged' | 'password' | 'security' | 'unknown';

const FAILURES: Readonly<Record<number, LoadFailure>> = {
  2: 'damaged',
  3: 'damaged',
  4: 'password',
  5: 'security',
  6: 'damaged',
};

type ModuleOfBinding = ConstructorParameters<typeof PDFiumDocument>[0]['module'];

/** PDFium in a memory of its own. It reads documents where they lie: the binding would copy each of them into that memory. */
export class Pdfium {
  readonly #module: PdfiumModule & ModuleOfBinding;
  readonly #files: SharedFiles;

  private constructor(module: PdfiumModule & ModuleOfBinding, files: SharedFiles) {
    this.#module = module;
    this.#files = files;
  }

  static async start(): Promise<Pdfium> {
    const files = new SharedFiles();
    const file = createRequire(import.meta.url).resolve('@hyzyla/pdfium/pdfium.wasm');
    const program = await WebAssembly.compile(await readFile(file));
    const library = await PDFiumLibrary.init({
      instantiateWasm: (imports, onInstance) => {
        const instance = files.instantiate(program, imports);
        onInstance(instance); // Emscripten wants it, whatever the binding's types say
        return instance.exports;
      },
    });
    const module: unknown = Reflect.get(library, 'module');
    if (!isPdfium(module)) throw new TypeError('Expected PDFium as @hyzyla/pdfium 2.1 has it');
    return new Pdfium(module as PdfiumModule & ModuleOfBinding, files);
  }

  /** Opens a document that is read as long as it is open. */
  load(bytes: Uint8Array, password: string): PDFiumDocument | LoadFailure {
    const module = this.#module;
    const secret = this.#written(password);
    try {
      return this.#files.during(bytes, (name) => {
        const documentPtr = this.#written(name);
        const documentIdx = module._FPDF_LoadDocument(documentPtr, secret);
        if (documentIdx !== 0) return new PDFiumDocument({ module, documentIdx, documentPtr }); // frees its name, too
        module.wasmExports.free(documentPtr);
        return FAILURES[module._FPDF_GetLastError()] ?? 'unknown';
      });
    } finally {
      module.wasmExports.free(secret);
    }
  }

  /** Lets go of all documents, for who drops it: Emscripten holds the first one of a thread for ever. */
  letGo(): void {
    this.#files.close();
  }

  /** Writes a text that ends with a zero into PDFium's memory. */
  #written(text: string): number {
    const bytes = new TextEncoder().encode(`${text}\0`);
    const at = this.#module.wasmExports.malloc(bytes.length);
    this.#module.HEAPU8.set(bytes, at);
    return at;
  }
}
