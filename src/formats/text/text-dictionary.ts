/**
 * Codes for texts, straight from bytes: a text costs a hash and a compare or copy, and becomes a string when somebody
 * asks for it. Memory is bounded by `startBatch`, which forgets everything once the dictionary has grown large.
 */
import type { EncodedTexts } from '../../stats/column.ts';

const KEEP_ENTRIES = 8192;
const KEEP_BYTES = 2 ** 20;
/** Longer chains mean bytes made to collide; then a Map with the engine's seeded hash takes over. */
const MAX_PROBES = 64;

/** Lists of texts that dictionaries made. */
const distinct = new WeakSet<readonly string[]>();

/** True where it is known without a look at them that no two of the texts are alike. */
export const areDistinct = (texts: readonly string[]): boolean => distinct.has(texts);

/** The list, of which no two texts are alike. */
export function knownDistinct(texts: readonly string[]): readonly string[] {
  distinct.add(texts);
  return texts;
}

export class TextDictionary {
  /** Of as many texts as anybody has asked for. */
  private texts: string[] = [];
  private count = 0;
  private ascii = true;
  private shared: readonly string[] | null = null;
  private slots = new Int32Array(256);
  private hashes = new Int32Array(128);
  private offsets = new Int32Array(129);
  private pool = Buffer.alloc(1024);
  private map: Map<string, number> | null = null;

  /** How many bytes of text are held. */
  get bytes(): number {
    return this.offsets[this.count] ?? 0;
  }

  /** The code of the UTF-8 text in `[start, end)`; unknown texts get the next code. */
  code(buf: Uint8Array, start: number, end: number): number {
    if (this.map !== null) return this.mapCode(this.map, utf8(buf, start, end));
    let hash = 0x811c9dc5;
    let bits = 0;
    for (let i = start; i < end; i++) {
      const b = buf[i]!;
      bits |= b;
      hash = Math.imul(hash ^ b, 0x01000193);
    }
    hash ^= hash >>> 15;
    const mask = this.slots.length - 1;
    let slot = hash & mask;
    for (let probes = 0; probes < MAX_PROBES; probes++) {
      const code = this.slots[slot]! - 1;
      if (code < 0) return this.add(buf, { start, end, hash, slot, bits });
      if (this.hashes[code] === hash && this.equals(code, buf, start, end)) return code;
      slot = (slot + 1) & mask;
    }
    this.map = new Map(this.decoded().map((text, code) => [text, code]));
    return this.mapCode(this.map, utf8(buf, start, end));
  }

  /** The code of a text that is not in the buffer as such (it had escapes). */
  codeOf(text: string): number {
    const bytes = Buffer.from(text, 'utf8');
    return this.code(bytes, 0, bytes.length);
  }

  /** All texts so far, by code. The same array is handed out as long as nothing was added. */
  snapshot(): readonly string[] {
    if (this.shared === null) {
      this.shared = knownDistinct(this.decoded().slice());
    }
    return this.shared;
  }

  /** All texts so far as bytes, which stay as they are; null after an attack, when there are only strings. */
  encode(): EncodedTexts | null {
    if (this.map !== null) return null;
    const { count, offsets, pool, ascii } = this;
    const encoding = ascii ? 'latin1' : 'utf8';
    return { count, bytes: pool, offsets, textOf: (code) => pool.toString(encoding, offsets[code], offsets[code + 1]) };
  }

  /** Call between batches: starts afresh, and says so, when the dictionary is too large to carry along. */
  startBatch(): boolean {
    if (this.count <= KEEP_ENTRIES && this.bytes <= KEEP_BYTES) return false;
    this.texts = [];
    this.count = 0;
    this.ascii = true;
    this.shared = null;
    this.map = null;
    this.slots.fill(0);
    // What was handed out is not written over.
    this.offsets = new Int32Array(this.offsets.length);
    this.pool = Buffer.alloc(this.pool.length);
    return true;
  }

  private decoded(): string[] {
    if (this.map !== null) return this.texts;
    const encoding = this.ascii ? 'latin1' : 'utf8';
    const { texts, pool, offsets } = this;
    while (texts.length < this.count) {
      texts.push(pool.toString(encoding, offsets[texts.length], offsets[texts.length + 1]));
    }
    return texts;
  }

  private mapCode(map: Map<string, number>, text: string): number {
    const known = map.get(text);
    if (known !== undefined) return known;
    const code = this.texts.push(text) - 1;
    this.count = this.texts.length;
    this.shared = null;
    map.set(text, code);
    return code;
  }

  private equals(code: number, buf: Uint8Array, start: number, end: number): boolean {
    const offset = this.offsets[code]!;
    if (this.offsets[code + 1]! - offset !== end - start) return false;
    const { pool } = this;
    for (let i = start, j = offset; i < end; i++, j++) if (buf[i] !== pool[j]) return false;
    return true;
  }

  private add(
    buf: Uint8Array,
    found: { start: number; end: number; hash: number; slot: number; bits: number },
  ): number {
    const { start, end, hash, slot } = found;
    const code = this.count++;
    const offset = this.offsets[code]!;
    const next = offset + end - start;
    if (next > this.pool.length) this.pool = grown(this.pool, next);
    for (let i = start, j = offset; i < end; i++, j++) this.pool[j] = buf[i]!;
    if (code + 2 > this.offsets.length) this.growEntries();
    this.offsets[code + 1] = next;
    this.hashes[code] = hash;
    if (found.bits >= 0x80) this.ascii = false;
    this.shared = null;
    this.slots[slot] = code + 1;
    if ((code + 1) * 2 > this.slots.length) this.rehash();
    return code;
  }

  private growEntries(): void {
    const size = this.hashes.length * 2;
    const hashes = new Int32Array(size);
    hashes.set(this.hashes);
    const offsets = new Int32Array(size + 1);
    offsets.set(this.offsets);
    this.hashes = hashes;
    this.offsets = offsets;
  }

  private rehash(): void {
    const slots = new Int32Array(this.slots.length * 2);
    const mask = slots.length - 1;
    for (let code = 0; code < this.count; code++) {
      let slot = this.hashes[code]! & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = code + 1;
    }
    this.slots = slots;
  }
}

const utf8 = (bytes: Uint8Array, start: number, end: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8', start, end);

function grown(pool: Buffer, needed: number): Buffer<ArrayBuffer> {
  const larger = Buffer.alloc(Math.max(needed, pool.length * 2));
  larger.set(pool);
  return larger;
}
