/** The twin of `text-dictionary.ts`, in bounded room: when that is full the TypeScript goes on. */

/**
 * A dictionary: entries and bytes used, then slots, offsets and texts, in the room that `useRoom` gave. A slot has a code
 * plus one, 0 where there is none, and the upper half of the hash, so that hardly another text is ever looked at.
 */
let entries: i32 = 0;
let slots: i32 = 0;
let room: i32 = 0;

const HEAD = 8;
const MAX_PROBES = 64;
const CODE = 0xffff;

/** The room of every dictionary: entries, slots (a power of two), bytes of text. */
export function useRoom(maxEntries: i32, slotCount: i32, textBytes: i32): void {
  entries = maxEntries;
  slots = slotCount;
  room = textBytes;
}

/** Forgets all texts of a dictionary. */
export function clear(dictionary: usize): void {
  memory.fill(dictionary, 0, HEAD + (slots << 2));
}

/** The code of the text in `[start, end)`; -1 when there is no room for it, or its hash has too much company. */
export function codeOf(dictionary: usize, start: i32, end: i32): i32 {
  const table = dictionary + HEAD;
  const offsets = table + (slots << 2);
  const pool = offsets + ((entries + 1) << 2);
  const length = end - start;
  const hash = hashOf(start, end);
  let slot = hash & (slots - 1);
  for (let probes = 0; probes < MAX_PROBES; probes++) {
    const found = load<i32>(table + (slot << 2));
    if (found == 0) return add(dictionary, start, length, hash, slot);
    if (((found ^ hash) & ~CODE) == 0) {
      const code = (found & CODE) - 1;
      const offset = load<i32>(offsets + (code << 2));
      const same = load<i32>(offsets + ((code + 1) << 2)) - offset == length;
      if (same && equal(pool + offset, start, length)) return code;
    }
    slot = (slot + 1) & (slots - 1);
  }
  return -1;
}

function add(dictionary: usize, start: i32, length: i32, hash: i32, slot: i32): i32 {
  const count = load<i32>(dictionary);
  const used = load<i32>(dictionary + 4);
  if (count == entries || used + length > room) return -1;
  const table = dictionary + HEAD;
  const offsets = table + (slots << 2);
  const pool = offsets + ((entries + 1) << 2) + used;
  store<i32>(table + (slot << 2), (hash & ~CODE) | (count + 1));
  store<i32>(offsets + (count << 2), used);
  store<i32>(offsets + ((count + 1) << 2), used + length);
  // The next text writes over what is copied beyond the end of this one.
  for (let i = 0; i < length; i += 8) store<u64>(pool + i, load<u64>(start + i));
  store<i32>(dictionary, count + 1);
  store<i32>(dictionary + 4, used + length);
  return count;
}

/**
 * Writes the two words of each text that `addAscii` of `stats` counts it by; false when one is not ASCII, and the words mean
 * nothing.
 */
export function textWords(dictionary: usize, out: usize): bool {
  const offsets = dictionary + HEAD + (slots << 2);
  const pool = offsets + ((entries + 1) << 2);
  const count = load<i32>(dictionary);
  let bits: u32 = 0;
  let p = pool;
  for (let code = 0; code < count; code++) {
    const end = pool + load<i32>(offsets + ((code + 1) << 2));
    let a: u32 = 0x811c9dc5;
    let b: u32 = 0x2545f491 ^ <u32>(end - p);
    for (; p < end; p++) {
      const c = <u32>load<u8>(p);
      bits |= c;
      a = (a ^ c) * 0x01000193;
      b = rotl<u32>((b ^ c) * 0xcc9e2d51, 13);
    }
    store<u32>(out + (code << 3), a);
    store<u32>(out + (code << 3) + 4, b);
  }
  return bits < 0x80;
}

export function hashOf(start: i32, end: i32): i32 {
  let h: u64 = <u64>(end - start);
  let p = start;
  for (; p + 8 <= end; p += 8) {
    h = (h ^ load<u64>(p)) * 0x9e3779b97f4a7c15;
    h ^= h >> 32;
  }
  if (p < end) {
    h = (h ^ tail(p, end)) * 0x9e3779b97f4a7c15;
    h ^= h >> 32;
  }
  h *= 0xd6e8feb86659fd93;
  return <i32>(h >> 32);
}

/** The fewer than eight bytes from `p` on, as the low bytes of a word. */
function tail(p: i32, end: i32): u64 {
  return load<u64>(p) & ((<u64>1 << (<u64>(end - p) << 3)) - 1);
}

export function equal(a: usize, b: i32, length: i32): bool {
  let i = 0;
  for (; i + 8 <= length; i += 8) if (load<u64>(a + i) != load<u64>(b + i)) return false;
  const rest = length - i;
  if (rest == 0) return true;
  const mask = (<u64>1 << (<u64>rest << 3)) - 1;
  return ((load<u64>(a + i) ^ load<u64>(b + i)) & mask) == 0;
}
