import type { ByteSource } from '../byte-source.ts';
import { unreadable } from '../unreadable.ts';

/** Bytes that Windows-1252 gives no character. */
const UNDEFINED: ReadonlySet<number> = new Set([0x81, 0x8d, 0x8f, 0x90, 0x9d]);

/** UTF-16 text as UTF-8 where its byte order mark says that it is, else null. Throws `unreadable-data` at a broken pair. */
export async function utf16Source(source: ByteSource): Promise<ByteSource | null> {
  const [first, second] = await firstBytes(source);
  if (first === 0xff && second === 0xfe) return decodedSource(source, 'utf-16le');
  return first === 0xfe && second === 0xff ? decodedSource(source, 'utf-16be') : null;
}

async function firstBytes(source: ByteSource): Promise<readonly number[]> {
  const first: number[] = [];
  for await (const piece of source.pieces()) {
    first.push(...piece.subarray(0, 2));
    if (first.length >= 2) break;
  }
  return first;
}

export type Windows1252 = { readonly source: ByteSource /** Bytes beyond ASCII. */; readonly letters: number };

/**
 * Text that is not UTF-8 as what it is then most likely: Windows-1252, of which Latin-1 is a part. Null where it is
 * neither: it has bytes that this has no characters for, or most of its bytes beyond ASCII make characters of UTF-8, as
 * in a file of that which was damaged, whose every letter would turn into two wrong ones.
 */
export async function windows1252Source(source: ByteSource): Promise<Windows1252 | null> {
  let letters = 0;
  let pairs = 0;
  let before = 0;
  for await (const piece of source.pieces()) {
    for (const byte of piece) {
      if (byte === 0 || UNDEFINED.has(byte)) return null;
      if (byte >= 0x80) letters++;
      // The first byte of a character of UTF-8, and one that goes on with it.
      if (byte >= 0x80 && byte < 0xc0 && before >= 0xc2 && before < 0xf5) pairs++;
      before = byte;
    }
  }
  return 4 * pairs > letters ? null : { source: decodedSource(source, 'windows-1252'), letters };
}

type Encoding = 'utf-16le' | 'utf-16be' | 'windows-1252';

function decodedSource(source: ByteSource, encoding: Encoding): ByteSource {
  return { compression: source.compression, size: source.size, pieces: () => decoded(source, encoding) };
}

async function* decoded(source: ByteSource, encoding: Encoding): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  let read = 0;
  const text = (piece?: Uint8Array): Buffer => {
    try {
      return Buffer.from(piece === undefined ? decoder.decode() : decoder.decode(piece, { stream: true }), 'utf8');
    } catch (cause) {
      throw unreadable(`The text is not ${encoding.toUpperCase()} after byte ${read}; save it as UTF-8.`, cause);
    }
  };
  for await (const piece of source.pieces()) {
    yield text(piece);
    read += piece.length;
  }
  yield text();
}
