/** What is used here of WebAssembly, which the types of Node leave out. */
declare namespace WebAssembly {
  /** By module, then by name. */
  type Imports = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  type Exports = Readonly<Record<string, unknown>>;

  interface Module {
    readonly [Symbol.toStringTag]: string;
  }

  class Memory {
    readonly buffer: ArrayBuffer;
  }

  class Instance {
    constructor(module: Module, imports: Imports);
    readonly [Symbol.toStringTag]: string;
    readonly exports: Exports;
  }

  function compile(program: Uint8Array): Promise<Module>;
}
