import { describe, expect, it } from 'vitest';
import { type PackPiece, packEnd, packLine, readPack } from '../../src/formats/object-pack.ts';
import { all, md5, noise } from '../support/bytes.ts';

const MEMBERS = [noise(0), Buffer.from('hello'), noise(5000, 2), Buffer.from('end 0\n'), noise(1, 3), noise(0)];

function packOf(members: readonly Uint8Array[]): Buffer {
  const parts = members.flatMap((bytes) => [packLine({ md5: md5(bytes), size: bytes.byteLength }), bytes]);
  return Buffer.concat([...parts, packEnd(members.length)]);
}

/** The pack in chunks of one size, each in memory that is used again. */
async function* inChunks(pack: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  const memory = new Uint8Array(size);
  for (let at = 0; at < pack.byteLength; at += size) {
    const part = pack.subarray(at, at + size);
    memory.set(part);
    yield memory.subarray(0, part.byteLength);
  }
}

async function membersOf(pieces: AsyncIterable<PackPiece>): Promise<Buffer[]> {
  const members: Buffer[] = [];
  for await (const { start, size, bytes } of pieces) {
    if (start === 0) members.push(Buffer.alloc(size));
    members.at(-1)?.set(bytes, start);
  }
  return members;
}

describe('a pack', () => {
  it.each([1, 2, 3, 7, 37, 38, 64, 1000, 100_000])('is read in chunks of %i bytes', async (size) => {
    const members = await membersOf(readPack(inChunks(packOf(MEMBERS), size)));
    expect(members).toEqual(MEMBERS.map((bytes) => Buffer.from(bytes)));
  });

  it('may be empty', async () => {
    expect(await all(readPack(inChunks(packOf([]), 100)))).toEqual([]);
  });

  const whole = packOf([Buffer.from('hello'), Buffer.from('world')]).toString('latin1');
  const name = md5('hello');

  it('that ends at any place before its end is refused', async () => {
    for (let length = 0; length < whole.length; length++) {
      const cut = Buffer.from(whole.slice(0, length), 'latin1');
      await expect(all(readPack(inChunks(cut, 50))), `${length}`).rejects.toMatchObject({ code: 'bad-request' });
    }
  });

  it.each([
    ['more after its end', `${whole}x`],
    ['a wrong count', whole.replace('end 2', 'end 3')],
    ['a member that is longer than it says', whole.replace(' 5\n', ' 4\n')],
    ['a name in upper case', whole.replace(name, name.toUpperCase())],
    ['a manifest as member', `${name}.dir 5\nhelloend 1\n`],
    ['a negative size', `${name} -5\nhelloend 1\n`],
    ['a size that no number holds', `${name} 99999999999999999\nhello`],
    ['a size with a leading zero', `${name} 05\nhelloend 1\n`],
    ['a line without end', 'a'.repeat(1000)],
    ['carriage returns', `${name} 5\r\nhelloend 1\r\n`],
    ['JSON in its place', '{"oids": []}\n'],
  ])('with %s is refused', async (_, text) => {
    await expect(all(readPack(inChunks(Buffer.from(text, 'latin1'), 10)))).rejects.toMatchObject({
      code: 'bad-request',
    });
  });
});
