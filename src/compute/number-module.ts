import { existsSync, readFileSync } from 'node:fs';

let compiled: WebAssembly.Module | null | undefined;

/** What the build makes of the files in `kernels/numbers`; null in a source tree that was not built. */
export function numberModule(): WebAssembly.Module | null {
  compiled ??= compile();
  return compiled;
}

/** The file lies beside this one where that is built, near it where it is joined with others, and in the build where it is run from its source. */
function compile(): WebAssembly.Module | null {
  for (const place of [
    'kernels/numbers.wasm',
    '../../compute/kernels/numbers.wasm',
    '../../dist/src/compute/kernels/numbers.wasm',
  ]) {
    const file = new URL(place, import.meta.url);
    if (existsSync(file)) return new WebAssembly.Module(readFileSync(file));
  }
  return null;
}
