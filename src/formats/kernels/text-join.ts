/** The twin of `takeCodes` in `concatenate-columns.ts`: many dictionaries made one, in room that grows. */
import { equal, hashOf } from './text-dictionary.ts';

/** A text: its code, its length, its hash, its bytes. */
const LENGTH = 4;
const HASH = 8;
const BYTES = 12;

const MAX_PROBES = 64;

/** Slots (a power of two) with the hash of a text and where it is, then the texts in the order of their codes. */
let table: usize = 0;
let slots: i32 = 0;
let texts: usize = 0;
let end: usize = 0;

/** Different texts so far. */
export let joined: i32 = 0;

/** Bit 7 is set once a text was met that is not ASCII. */
export let bits: i32 = 0;

/** An empty table. */
export function useTable(tableAt: usize, slotCount: i32, textsAt: usize): void {
  memory.fill(tableAt, 0, <usize>slotCount << 3);
  table = tableAt;
  slots = slotCount;
  texts = textsAt;
  end = textsAt;
  joined = 0;
  bits = 0;
}

/** The bytes behind the last text. */
export function textsEnd(): usize {
  return end;
}

/** Gives the table more slots. */
export function enlargeTable(slotCount: i32): void {
  memory.fill(table, 0, <usize>slotCount << 3);
  slots = slotCount;
  for (let at = texts; at < end; at = behind(at, load<i32>(at + LENGTH))) {
    const hash = load<i32>(at + HASH);
    let slot = hash & (slots - 1);
    while (load<u64>(slotAt(slot)) != 0) slot = (slot + 1) & (slots - 1);
    store<u64>(slotAt(slot), word(hash, at));
  }
}

/**
 * Replaces codes of one dictionary by those of all, from row `from` on; -1 stays. `renamed` holds what is known of each
 * code, -1 where that is nothing yet; the dictionary's texts lie at 0, from offset to offset. Returns the first row that
 * it did not do: one with a new text for which there is no room up to `limit`, or whose hash has too much company.
 */
export function joinCodes(codes: usize, from: i32, rows: i32, renamed: usize, offsets: usize, limit: usize): i32 {
  for (let row = from; row < rows; row += AHEAD) {
    const to = min(row + AHEAD, rows);
    lookAhead(codes, row, to, renamed, offsets);
    const done = joinSome(codes, row, to, renamed, offsets, limit);
    if (done < to) return done;
  }
  return rows;
}

/** Rows that are looked at before they are done, so that memory answers for all of them at once. */
const AHEAD = 64;

/** Where nothing is known yet of a row's text, the hash of it. */
const hashes = memory.data(AHEAD * 4);
/** What was read ahead, so that it is not left out. */
export let touched: u64 = 0;

function lookAhead(codes: usize, from: i32, to: i32, renamed: usize, offsets: usize): void {
  let seen: u64 = 0;
  for (let row = from; row < to; row++) {
    const code = load<i32>(codes + (<usize>row << 2));
    if (code < 0 || load<i32>(renamed + (<usize>code << 2)) >= 0) continue;
    const offset = offsets + (<usize>code << 2);
    const hash = hashOf(load<i32>(offset), load<i32>(offset + 4));
    store<i32>(hashes + (<usize>(row - from) << 2), hash);
    seen ^= load<u64>(slotAt(hash & (slots - 1)));
  }
  for (let row = from; row < to; row++) {
    const code = load<i32>(codes + (<usize>row << 2));
    if (code < 0 || load<i32>(renamed + (<usize>code << 2)) >= 0) continue;
    const hash = load<i32>(hashes + (<usize>(row - from) << 2));
    const found = load<u64>(slotAt(hash & (slots - 1)));
    seen ^= load<u64>(<usize>(found & 0xffffffff));
  }
  touched = seen;
}

function joinSome(codes: usize, from: i32, to: i32, renamed: usize, offsets: usize, limit: usize): i32 {
  for (let row = from; row < to; row++) {
    const at = codes + (<usize>row << 2);
    const code = load<i32>(at);
    if (code < 0) continue;
    let known = load<i32>(renamed + (<usize>code << 2));
    if (known < 0) {
      const offset = offsets + (<usize>code << 2);
      const hash = load<i32>(hashes + (<usize>(row - from) << 2));
      known = joinedCode(load<i32>(offset), load<i32>(offset + 4), hash, limit);
      if (known < 0) return row;
      store<i32>(renamed + (<usize>code << 2), known);
    }
    store<i32>(at, known);
  }
  return to;
}

function joinedCode(from: i32, to: i32, hash: i32, limit: usize): i32 {
  let slot = hash & (slots - 1);
  for (let probes = 0; probes < MAX_PROBES; probes++) {
    const found = load<u64>(slotAt(slot));
    if (found == 0) return add(from, to - from, hash, slot, limit);
    if (<i32>(found >> 32) == hash) {
      const at = <usize>(found & 0xffffffff);
      if (load<i32>(at + LENGTH) == to - from && equal(at + BYTES, from, to - from)) return load<i32>(at);
    }
    slot = (slot + 1) & (slots - 1);
  }
  return -1;
}

function add(from: i32, length: i32, hash: i32, slot: i32, limit: usize): i32 {
  const next = behind(end, length);
  if (joined << 1 >= slots || next > limit) return -1;
  store<i32>(end, joined);
  store<i32>(end + LENGTH, length);
  store<i32>(end + HASH, hash);
  memory.copy(end + BYTES, from, length);
  for (let p = from; p < from + length; p++) bits |= load<u8>(p);
  store<u64>(slotAt(slot), word(hash, end));
  end = next;
  return joined++;
}

function behind(at: usize, length: i32): usize {
  return (at + BYTES + <usize>length + 3) & ~3;
}

function slotAt(slot: i32): usize {
  return table + (<usize>slot << 3);
}

function word(hash: i32, at: usize): u64 {
  return (<u64>(<u32>hash) << 32) | <u64>at;
}
