import { TidemarkError } from '../errors.ts';

/**
 * Many objects in one body: for each a line `<md5> <size>` and then its bytes, and at the end a line `end <count>`.
 * Lines are ASCII and end with LF; the md5 has 32 lower-case hex digits, the size is a decimal number of bytes.
 *
 *     5d41402abc4b2a76b9719d911017c592 5
 *     hello7d793037a0760186574b0282f2f435e7 5
 *     worldend 2
 */

/** Some bytes of a member, from `start`; a member without bytes is one piece without bytes. */
export type PackPiece = {
  readonly md5: string;
  readonly size: number;
  readonly start: number;
  readonly bytes: Uint8Array;
};

const MEMBER_LINE = /^([0-9a-f]{32}) (0|[1-9]\d{0,15})$/;
const END_LINE = /^end (0|[1-9]\d{0,15})$/;
const LONGEST_LINE = 64;
const LF = 0x0a;

/** The line before a member's bytes. */
export function packLine(member: { readonly md5: string; readonly size: number }): Uint8Array {
  return Buffer.from(`${member.md5} ${member.size}\n`, 'latin1');
}

/** How long the line before a member of this size is. */
export function packLineBytes(size: number): number {
  return 32 + 1 + String(size).length + 1;
}

/** The line that ends a pack of so many members. */
export function packEnd(count: number): Uint8Array {
  return Buffer.from(`end ${count}\n`, 'latin1');
}

/**
 * The members of a pack as their bytes arrive; a piece's bytes belong to the source again when the next one is
 * asked for.
 * @throws TidemarkError `bad-request` for what is no pack, goes on after its end, or ends before it.
 */
export async function* readPack(source: AsyncIterable<Uint8Array>): AsyncGenerator<PackPiece, void> {
  const parser = new PackParser();
  for await (const chunk of source) yield* parser.pieces(chunk);
  parser.finish();
}

class PackParser {
  #line = '';
  #member: { readonly md5: string; readonly size: number } | null = null;
  #taken = 0;
  #count = 0;
  #ended = false;

  *pieces(chunk: Uint8Array): Generator<PackPiece, void> {
    for (let at = 0; at < chunk.byteLength; ) {
      const member = this.#member;
      if (member === null) {
        at = this.#readLine(chunk, at);
        if (this.#member?.size === 0) yield this.#take(this.#member, chunk.subarray(0, 0));
      } else {
        const bytes = chunk.subarray(at, at + member.size - this.#taken);
        at += bytes.byteLength;
        yield this.#take(member, bytes);
      }
    }
  }

  finish(): void {
    if (!this.#ended) throw refused(`it ends before its line "end ${this.#count}"`);
  }

  #take(member: { readonly md5: string; readonly size: number }, bytes: Uint8Array): PackPiece {
    const piece = { ...member, start: this.#taken, bytes };
    this.#taken += bytes.byteLength;
    if (this.#taken === member.size) this.#member = null;
    return piece;
  }

  /** Takes a line, or the part of one that is there. Returns where the next byte is. */
  #readLine(chunk: Uint8Array, at: number): number {
    if (this.#ended) throw refused('it goes on after its last line');
    const end = chunk.indexOf(LF, at);
    const part = chunk.subarray(at, end === -1 ? undefined : end);
    if (this.#line.length + part.byteLength > LONGEST_LINE)
      throw refused(`line ${this.#count + 1} is no line of a pack`);
    this.#line += Buffer.from(part.buffer, part.byteOffset, part.byteLength).toString('latin1');
    if (end === -1) return chunk.byteLength;
    this.#begin(this.#line);
    this.#line = '';
    return end + 1;
  }

  #begin(line: string): void {
    const [, md5, size] = MEMBER_LINE.exec(line) ?? [];
    if (md5 !== undefined) {
      this.#member = { md5, size: Number(size) };
      this.#taken = 0;
      this.#count++;
      return;
    }
    const count = END_LINE.exec(line)?.[1];
    if (count === undefined) throw refused(`where member ${this.#count + 1} begins there is no line "<md5> <size>"`);
    if (Number(count) !== this.#count) throw refused(`its end counts ${count} members, ${this.#count} came`);
    this.#ended = true;
  }
}

function refused(what: string): TidemarkError {
  return new TidemarkError('bad-request', `This is not a whole pack of objects: ${what}.`);
}
