/** The part of the language's WebAssembly interface that is used; TypeScript declares it for browsers only. */
declare global {
  namespace WebAssembly {
    class Module {
      constructor(bytes: Uint8Array);
    }
    class Memory {
      constructor(size: { readonly initial: number; readonly maximum?: number });
      readonly buffer: ArrayBuffer;
      /** By so many pages; the former buffer is empty then. */
      grow(pages: number): number;
    }
    class Instance {
      constructor(
        module: Module,
        imports?: { readonly env: { readonly memory: Memory; readonly log?: (x: number) => number } },
      );
      readonly exports: Readonly<Record<string, unknown>>;
    }
    class Global {
      readonly value: unknown;
    }
  }
}

export {};
