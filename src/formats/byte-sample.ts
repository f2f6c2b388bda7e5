/** A sample of a text file: its head, and spots spread over the rest. */
import { type ByteSource, bytesAt } from './byte-source.ts';
import { headBytes } from './text/text-encoding.ts';

const HEAD = 256 * 1024;
const SPOTS = 15;
const SPOT = 32 * 1024;

/** Rows that begin before `end` are the sample; what follows is there to finish the last of them. */
export type SamplePiece = { readonly source: ByteSource; readonly end: number; readonly isHead: boolean };

/** The head first; spots, which begin behind a line end, only of a plain file that `path` names. */
export async function* spreadSample(source: ByteSource, path: string | null): AsyncGenerator<SamplePiece> {
  const { head, complete } = await headBytes(source, HEAD);
  yield { source: sourceOf(head), end: complete ? Number.POSITIVE_INFINITY : head.length / 2, isHead: true };
  if (path === null) return;
  const step = (source.size - head.length) / SPOTS;
  for (let k = 0; k < SPOTS && step > SPOT; k++) {
    const bytes = bytesAt(path, Math.floor(head.length + k * step), SPOT);
    const first = bytes.indexOf(10);
    if (first < 0) continue;
    const spot = bytes.subarray(first + 1);
    yield { source: sourceOf(spot), end: spot.length / 2, isHead: false };
  }
}

function sourceOf(bytes: Buffer): ByteSource {
  return {
    compression: 'none',
    size: bytes.length,
    async *pieces() {
      yield bytes;
    },
  };
}
