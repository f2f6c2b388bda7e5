import { hash } from 'node:crypto';
import { BEGINNING, BLOCK, LANE_BYTES, LANES, md5Kernel, STATE_BYTES } from './md5-kernel.ts';

/** The number of bits stands in the last 8 bytes of the last block (RFC 1321, 3.2). */
const LENGTH_BYTES = 8;

/** To compile the kernel takes longer than to digest what is less than this without it. */
const FEW_BYTES = 1024 ** 2;

/**
 * The MD5 of each of many pieces that lie in memory, in lower-case hex, in their order: eight side by side, those of
 * like sizes together. For small ones it takes a quarter of the time of one after another.
 */
export function md5OfEach(pieces: readonly Uint8Array[]): string[] {
  const total = pieces.reduce((sum, { byteLength }) => sum + byteLength, 0);
  if (total < FEW_BYTES) return pieces.map((bytes) => hash('md5', bytes, 'hex'));
  const md5s = pieces.map(() => '');
  // Whoever is shorter than what lies beside it leaves its lane empty.
  const bySize = pieces.map((bytes, i) => ({ bytes, i })).sort((a, b) => a.bytes.byteLength - b.bytes.byteLength);
  for (let at = 0; at < bySize.length; at += LANES) {
    const together = bySize.slice(at, at + LANES);
    takeTogether(
      together.map(({ bytes }) => bytes),
      (lane, md5) => {
        md5s[together[lane]?.i ?? 0] = md5;
      },
    );
  }
  return md5s;
}

/** @param pieces a lane for each, in ascending order of their sizes. */
function takeTogether(pieces: readonly Uint8Array[], onEnd: (lane: number, md5: string) => void): void {
  const { update, bytes, states } = md5Kernel();
  const blocks = pieces.map(({ byteLength }) => Math.ceil((byteLength + 1 + LENGTH_BYTES) / BLOCK));
  const last = blocks.at(-1) ?? 0;
  for (let lane = 0; lane < pieces.length; lane++) states.set(BEGINNING, lane * STATE_BYTES);
  let ended = 0;
  for (let base = 0; base < last; base += LANE_BYTES / BLOCK) {
    for (const [lane, piece] of pieces.entries()) {
      if (lane >= ended) fillLane(bytes, lane * LANE_BYTES, { piece, start: base * BLOCK });
    }
    const end = Math.min(base + LANE_BYTES / BLOCK, last);
    for (let taken = base; taken < end; ) {
      const next = Math.min(blocks[ended] ?? end, end);
      update(pieces.length, taken - base, next - taken);
      taken = next;
      for (; ended < pieces.length && blocks[ended] === taken; ended++) {
        onEnd(ended, states.toString('hex', ended * STATE_BYTES, (ended + 1) * STATE_BYTES));
      }
    }
  }
}

/** As much of a piece as there is room for, from `start` on, and behind its end what belongs there. */
function fillLane(bytes: Buffer, at: number, { piece, start }: { piece: Uint8Array; start: number }): void {
  const size = piece.byteLength;
  const part = piece.subarray(start, start + LANE_BYTES);
  bytes.set(part, at);
  if (part.byteLength === LANE_BYTES) return;
  // A one, zeros, and the number of bits in the last 8 bytes of a block (RFC 1321, 3.1 and 3.2).
  const total = Math.ceil((size + 1 + LENGTH_BYTES) / BLOCK) * BLOCK;
  const end = Math.min(total - start, LANE_BYTES);
  bytes.fill(0, at + part.byteLength, at + end);
  if (size >= start) bytes[at + size - start] = 0x80;
  if (total - start > LANE_BYTES) return;
  bytes.writeUInt32LE((size * 8) >>> 0, at + end - LENGTH_BYTES);
  bytes.writeUInt32LE(Math.floor(size / 2 ** 29), at + end - LENGTH_BYTES + 4);
}
