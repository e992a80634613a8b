/** WebAssembly's names of the calls of the system that read a file, and what each of them takes. */
interface FileCalls {
  readonly __syscall_openat: (folder: number, path: number, flags: number, more: number) => number;
  readonly __syscall_fstat64: (file: number, stat: number) => number;
  readonly fd_seek: (file: number, offset: bigint, whence: number, position: number) => number;
  readonly fd_read: (file: number, parts: number, count: number, read: number) => number;
  readonly fd_close: (file: number) => number;
}

interface OpenFile {
  readonly bytes: Uint8Array;
  position: number;
}

/** Above all that Emscripten's own files count up to. */
const FIRST_FILE = 1_000_000;
/** Of musl's `struct stat` for wasm32, in bytes: its length, and where the size stands in it. */
const STAT_BYTES = 96;
const STAT_SIZE_AT = 24;
const [SEEK_CURRENT, SEEK_END] = [1, 2];

/**
 * Files that a program in WebAssembly reads straight from memory that is shared between threads, part by part, instead of
 * having a copy of them in a memory of its own. It answers the calls of the system that Emscripten imports (WASI snapshot
 * preview 1, and Linux's where that has none); those for other files go on to Emscripten.
 */
export class SharedFiles {
  readonly #named = new Map<string, Uint8Array>();
  readonly #open = new Map<number, OpenFile>();
  #memory: WebAssembly.Memory | null = null;
  #count = 0;

  /** Starts the program. @throws TypeError where it is none of Emscripten's with files */
  instantiate(program: WebAssembly.Module, imports: WebAssembly.Imports): WebAssembly.Instance {
    const { env, wasi_snapshot_preview1: wasi } = imports;
    const calls: unknown = { ...env, ...wasi };
    if (!isFileCalls(calls)) throw new TypeError('Expected a program that imports the calls of files');
    const { __syscall_openat, __syscall_fstat64, ...others } = this.#callsBeside(calls);
    const instance = new WebAssembly.Instance(program, {
      ...imports,
      env: { ...env, __syscall_openat, __syscall_fstat64 },
      wasi_snapshot_preview1: { ...wasi, ...others },
    });
    const { memory } = instance.exports;
    if (!(memory instanceof WebAssembly.Memory)) throw new TypeError('Expected a program that shows its memory');
    this.#memory = memory;
    return instance;
  }

  /** Lets the program open bytes by a name as long as `use` runs. What it has opened it may go on to read. */
  during<T>(bytes: Uint8Array, use: (name: string) => T): T {
    this.#count += 1;
    const name = `/shared/${this.#count}`;
    this.#named.set(name, bytes);
    try {
      return use(name);
    } finally {
      this.#named.delete(name);
    }
  }

  /** Lets go of all bytes: no file can be read any more. */
  close(): void {
    this.#open.clear();
  }

  #callsBeside(calls: FileCalls): FileCalls {
    const files = this.#open;
    return {
      __syscall_openat: (folder, path, flags, more) => {
        const bytes = this.#named.get(this.#textAt(path));
        if (bytes === undefined) return calls.__syscall_openat(folder, path, flags, more);
        this.#count += 1;
        files.set(FIRST_FILE + this.#count, { bytes, position: 0 });
        return FIRST_FILE + this.#count;
      },
      __syscall_fstat64: (file, stat) => {
        const open = files.get(file);
        if (open === undefined) return calls.__syscall_fstat64(file, stat);
        this.#bytes.fill(0, stat, stat + STAT_BYTES);
        this.#view.setBigInt64(stat + STAT_SIZE_AT, BigInt(open.bytes.length), true);
        return 0;
      },
      fd_seek: (file, offset, whence, position) => {
        const open = files.get(file);
        if (open === undefined) return calls.fd_seek(file, offset, whence, position);
        const from = whence === SEEK_CURRENT ? open.position : whence === SEEK_END ? open.bytes.length : 0;
        open.position = Math.max(0, from + Number(offset));
        this.#view.setBigInt64(position, BigInt(open.position), true);
        return 0;
      },
      fd_read: (file, parts, count, read) => {
        const open = files.get(file);
        if (open === undefined) return calls.fd_read(file, parts, count, read);
        const [memory, view, from] = [this.#bytes, this.#view, open.position];
        for (let part = parts; part < parts + 8 * count; part += 8) {
          const end = open.position + view.getUint32(part + 4, true);
          const bytes = open.bytes.subarray(open.position, end);
          memory.set(bytes, view.getUint32(part, true));
          open.position += bytes.length;
        }
        view.setUint32(read, open.position - from, true);
        return 0;
      },
      fd_close: (file) => (files.delete(file) ? 0 : calls.fd_close(file)),
    };
  }

  #textAt(at: number): string {
    const bytes = this.#bytes;
    return new TextDecoder().decode(bytes.subarray(at, bytes.indexOf(0, at)));
  }

  /** Its memory is another buffer whenever it has grown. */
  get #bytes(): Uint8Array {
    return new Uint8Array(this.#buffer);
  }

  get #view(): DataView {
    return new DataView(this.#buffer);
  }

  get #buffer(): ArrayBuffer {
    if (this.#memory === null) throw new TypeError('Expected the program to be started');
    return this.#memory.buffer;
  }
}

const CALLS = ['__syscall_openat', '__syscall_fstat64', 'fd_seek', 'fd_read', 'fd_close'] as const;

function isFileCalls(imports: unknown): imports is FileCalls {
  return (
    typeof imports === 'object' &&
    imports !== null &&
    CALLS.every((name) => typeof Reflect.get(imports, name) === 'function')
  );
}
