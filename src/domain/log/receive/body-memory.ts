/**
 * Memory that bodies are received into and parsed in. It is used again: it lies outside of the heap, and V8 marks all
 * of that each time a few dozen MiB of dead memory have gathered.
 */
const free: ArrayBuffer[] = [];
const MOST_KEPT = 4;
const LEAST_MEMORY = 64 * 1024;

/** At least so many bytes, which hold what was there before. */
export function takeMemory(size: number): ArrayBuffer {
  const at = free.findIndex(({ byteLength }) => byteLength >= size);
  const found = at < 0 ? undefined : free.splice(at, 1)[0];
  return found ?? new ArrayBuffer(2 ** Math.ceil(Math.log2(Math.max(size, LEAST_MEMORY))));
}

/** Gives back what nobody looks at any more. What has moved to another thread is not here, and is passed over. */
export function keepMemory(memory: ArrayBuffer): void {
  if (memory.byteLength < LEAST_MEMORY) return;
  free.push(memory);
  // The smallest goes: it serves the fewest.
  if (free.length > MOST_KEPT) free.sort((a, b) => b.byteLength - a.byteLength).pop();
}
