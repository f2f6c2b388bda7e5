import { createHash, type Hash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';

/** The MD5 of a stream that may have others beside it. */
export type Md5Stream = { readonly alone: Hash } | Lane;

type Lane = {
  /** The state of the digest. */
  readonly state: Uint8Array<ArrayBuffer>;
  /** What has come of the next block. */
  readonly tail: Uint8Array<ArrayBuffer>;
  /** Bytes that have come. */
  size: number;
};

/** Bytes that follow those of the same stream. */
export type Md5Part = { readonly stream: Md5Stream; readonly bytes: Uint8Array };

const LANES = 4;
const BLOCK = 64;
const STATE_BYTES = 16;
/** As many as the kernel has room for in a lane. */
const LANE_BYTES = 16 * 1024;
/** The words of RFC 1321, 3.3, each with its low byte first. */
const BEGINNING = Buffer.from('0123456789abcdeffedcba9876543210', 'hex');

/**
 * One stream leaves most of a processor idle, since each step of MD5 waits for the one before; four that take their
 * steps together are done more than twice as fast as one after another.
 * @param alone there is no other now: it is left to OpenSSL, which is a little faster then.
 */
export function beginMd5(alone: boolean): Md5Stream {
  if (alone) return { alone: createHash('md5') };
  return { state: new Uint8Array(BEGINNING), tail: new Uint8Array(BLOCK), size: 0 };
}

/** Takes in parts, each of another stream. */
export function updateMd5(parts: readonly Md5Part[]): void {
  let open = parts.flatMap(({ stream, bytes }): Taking[] => {
    if (!('alone' in stream)) return [{ lane: stream, bytes, at: 0 }];
    stream.alone.update(bytes);
    return [];
  });
  while (open.length > 0) {
    advance(open.slice(0, LANES));
    open = open.filter(({ at, bytes }) => at < bytes.byteLength);
  }
}

type Waiting = { readonly part: Md5Part; readonly resolve: () => void };

let waiting: Waiting[] = [];

/** Takes in a part, after those of its stream, together with what others of this thread give before it comes to rest. */
export function updateMd5Together(part: Md5Part): Promise<void> {
  return new Promise((resolve) => {
    if (waiting.push({ part, resolve }) === 1) setImmediate(takeWaiting);
  });
}

/** The oldest of each stream. */
function takeWaiting(): void {
  const taken = new Map<Md5Stream, Waiting>();
  const later: Waiting[] = [];
  for (const one of waiting) {
    if (taken.has(one.part.stream)) later.push(one);
    else taken.set(one.part.stream, one);
  }
  waiting = later;
  if (later.length > 0) setImmediate(takeWaiting);
  updateMd5([...taken.values()].map(({ part }) => part));
  for (const { resolve } of taken.values()) resolve();
}

/** Ends the stream. @returns its MD5 in lower-case hex. */
export function endMd5(stream: Md5Stream): string {
  if ('alone' in stream) return stream.alone.digest('hex');
  const { size } = stream;
  // A one, zeros, and the number of bits in the last 8 bytes of a block (RFC 1321, 3.1 and 3.2).
  const rest = size % BLOCK;
  const end = new Uint8Array((rest < BLOCK - 8 ? BLOCK : 2 * BLOCK) - rest);
  end[0] = 0x80;
  new DataView(end.buffer).setBigUint64(end.byteLength - 8, BigInt(size) * 8n, true);
  updateMd5([{ stream, bytes: end }]);
  return Buffer.from(stream.state).toString('hex');
}

type Taking = { readonly lane: Lane; readonly bytes: Uint8Array; at: number };

/** Takes as many blocks as all of them have, or what is less than a block of those that have no more. */
function advance(taking: readonly Taking[]): void {
  const short = taking.filter((one) => blocksOf(one) === 0);
  if (short.length > 0) {
    for (const one of short) keepTail(one);
    return;
  }
  const { update1, update4, bytes, states } = kernel();
  const count = Math.min(LANE_BYTES / BLOCK, ...taking.map(blocksOf));
  for (const [i, one] of taking.entries()) {
    const { lane } = one;
    const place = bytes.subarray(i * LANE_BYTES, i * LANE_BYTES + count * BLOCK);
    const filled = lane.size % BLOCK;
    const taken = place.byteLength - filled;
    place.set(lane.tail.subarray(0, filled));
    place.set(one.bytes.subarray(one.at, one.at + taken), filled);
    one.at += taken;
    lane.size += taken;
    states.set(lane.state, i * STATE_BYTES);
  }
  if (taking.length === 1) update1(count);
  else update4(count);
  for (const [i, { lane }] of taking.entries()) {
    lane.state.set(states.subarray(i * STATE_BYTES, (i + 1) * STATE_BYTES));
  }
}

const blocksOf = ({ lane, bytes, at }: Taking): number =>
  Math.floor(((lane.size % BLOCK) + bytes.byteLength - at) / BLOCK);

function keepTail(one: Taking): void {
  const { lane, bytes } = one;
  lane.tail.set(bytes.subarray(one.at), lane.size % BLOCK);
  lane.size += bytes.byteLength - one.at;
  one.at = bytes.byteLength;
}

type Kernel = {
  /** Takes so many blocks of the first lane into its state. */
  readonly update1: (count: number) => void;
  /** The same of all four. */
  readonly update4: (count: number) => void;
  readonly bytes: Uint8Array;
  readonly states: Uint8Array;
};

let made: Kernel | null = null;

function kernel(): Kernel {
  made ??= load();
  return made;
}

/** The compiled kernel lies beside this file where that is built, and in the build where it is run from its source. */
function load(): Kernel {
  const places = ['./kernels/md5.wasm', '../../dist/src/compute/kernels/md5.wasm'];
  const file = places.map((place) => new URL(place, import.meta.url)).find((url) => existsSync(url));
  if (file === undefined) throw new Error('the kernel of MD5 is not built');
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(file)));
  // What `kernels/md5.ts` exports.
  const { memory, update1, update4, bytes, states } = exports as {
    memory: { buffer: ArrayBuffer };
    update1: Kernel['update1'];
    update4: Kernel['update4'];
    bytes: { value: number };
    states: { value: number };
  };
  return {
    update1,
    update4,
    bytes: new Uint8Array(memory.buffer, bytes.value, LANES * LANE_BYTES),
    states: new Uint8Array(memory.buffer, states.value, LANES * STATE_BYTES),
  };
}
