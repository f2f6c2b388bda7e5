import type { Uniform } from '../../src/stats/sampling/xoshiro128.ts';

type Mutation = (bytes: Buffer, random: Uniform) => Buffer;

const below = (random: Uniform, n: number): number => Math.min(n - 1, Math.floor(random() * n));
const place = (bytes: Buffer, random: Uniform): number => below(random, Math.max(1, bytes.length));

/** Lengths and counts at which parsers allocate, wrap around or go negative. */
const EXTREMES = [0, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_fff8, 0xffff_ffff];
/** Bytes that mean something in a text table. */
const SIGNS = ['"', ',', '\n', '\r', '\0', '{', '}', '[', ']', ':', '\\', '\\u0000', '\\ud800', '1e999', '""', ';'];

function flipBit(bytes: Buffer, random: Uniform): Buffer {
  const mutant = Buffer.from(bytes);
  const at = place(bytes, random);
  mutant[at] = (mutant[at] ?? 0) ^ (1 << below(random, 8));
  return mutant;
}

function setByte(bytes: Buffer, random: Uniform): Buffer {
  const mutant = Buffer.from(bytes);
  mutant[place(bytes, random)] = below(random, 256);
  return mutant;
}

function setWord(bytes: Buffer, random: Uniform): Buffer {
  const mutant = Buffer.from(bytes);
  if (bytes.length >= 4)
    mutant.writeUInt32LE(EXTREMES[below(random, EXTREMES.length)]!, below(random, bytes.length - 3));
  return mutant;
}

/** Seven bits a byte, as lengths are written in a Parquet footer: the next bytes all say that there is more. */
function stretchVarint(bytes: Buffer, random: Uniform): Buffer {
  const mutant = Buffer.from(bytes);
  const at = place(bytes, random);
  mutant.fill(0xff, at, Math.min(bytes.length, at + 1 + below(random, 9)));
  return mutant;
}

const cutOff: Mutation = (bytes, random) => bytes.subarray(0, place(bytes, random));

function remove(bytes: Buffer, random: Uniform): Buffer {
  const from = place(bytes, random);
  return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + 1 + below(random, 64))]);
}

function repeat(bytes: Buffer, random: Uniform): Buffer {
  const from = place(bytes, random);
  const to = from + 1 + below(random, 256);
  return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)]);
}

function insertNoise(bytes: Buffer, random: Uniform): Buffer {
  const at = place(bytes, random);
  const noise = Buffer.from(Array.from({ length: 1 + below(random, 32) }, () => below(random, 256)));
  return Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at)]);
}

function insertSign(bytes: Buffer, random: Uniform): Buffer {
  const at = place(bytes, random);
  const sign = Buffer.from(SIGNS[below(random, SIGNS.length)]!);
  return Buffer.concat([bytes.subarray(0, at), sign, bytes.subarray(at)]);
}

/** One byte, many times: deep nesting, endless cells, numbers of a thousand digits. */
function insertRun(bytes: Buffer, random: Uniform): Buffer {
  const at = place(bytes, random);
  const byte = random() < 0.5 ? (bytes[at] ?? 0) : SIGNS[below(random, SIGNS.length)]!.charCodeAt(0);
  return Buffer.concat([bytes.subarray(0, at), Buffer.alloc(1 << below(random, 17), byte), bytes.subarray(at)]);
}

function swap(bytes: Buffer, random: Uniform): Buffer {
  const mutant = Buffer.from(bytes);
  const size = 1 + below(random, 64);
  const [a, b] = [place(bytes, random), place(bytes, random)];
  bytes.copy(mutant, a, b, b + size);
  bytes.copy(mutant, b, a, a + size);
  return mutant;
}

const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'bit flipped': flipBit,
  'byte set': setByte,
  'word set': setWord,
  'varint stretched': stretchVarint,
  'cut off': cutOff,
  removed: remove,
  repeated: repeat,
  'noise inserted': insertNoise,
  'sign inserted': insertSign,
  'run inserted': insertRun,
  swapped: swap,
};

/** A file that somebody or something broke, and what was done to it. Most have one fault, some two or three. */
export function mutantOf(seed: Buffer, random: Uniform): { readonly bytes: Buffer; readonly what: string } {
  const names = Object.keys(MUTATIONS);
  const faults = 1 + (random() < 0.25 ? 1 : 0) + (random() < 0.1 ? 1 : 0);
  let bytes = seed;
  const done: string[] = [];
  for (let i = 0; i < faults; i++) {
    const name = names[below(random, names.length)]!;
    bytes = MUTATIONS[name]!(bytes, random);
    done.push(name);
  }
  return { bytes, what: done.join(', ') };
}
