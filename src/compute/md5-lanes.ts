import { createHash, type Hash } from 'node:crypto';
import { BEGINNING, BLOCK, LANE_BYTES, LANES, md5Kernel, STATE_BYTES } from './md5-kernel.ts';

export { LANES };

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

/**
 * One stream leaves most of a processor idle, since each step of MD5 waits for the one before; four that take their
 * steps together are done more than twice as fast as one after another, and eight nearly five times as fast.
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
    // Those that have most to come, so that in the end no few of them are left.
    if (open.length > LANES) open.sort((one, other) => leftOf(other) - leftOf(one));
    advance(open.slice(0, LANES));
    open = open.filter((one) => leftOf(one) > 0);
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
  const { update, bytes, states } = md5Kernel();
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
  update(taking.length, 0, count);
  for (const [i, { lane }] of taking.entries()) {
    lane.state.set(states.subarray(i * STATE_BYTES, (i + 1) * STATE_BYTES));
  }
}

const leftOf = ({ bytes, at }: Taking): number => bytes.byteLength - at;

const blocksOf = ({ lane, bytes, at }: Taking): number =>
  Math.floor(((lane.size % BLOCK) + bytes.byteLength - at) / BLOCK);

function keepTail(one: Taking): void {
  const { lane, bytes } = one;
  lane.tail.set(bytes.subarray(one.at), lane.size % BLOCK);
  lane.size += bytes.byteLength - one.at;
  one.at = bytes.byteLength;
}
