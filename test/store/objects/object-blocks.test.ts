import { expect, test } from 'vitest';
import {
  BLOCK_BYTES,
  type Block,
  giveBackBlock,
  giveBackSlab,
  SLAB_BYTES,
  takeBlock,
  takeSlab,
} from '../../../src/store/objects/object-blocks.ts';

test('blocks that are out at once never overlap, however many there are', () => {
  const out: Block[] = Array.from({ length: 50 }, takeBlock);
  for (const [i, block] of out.entries()) block.fill(i + 1);
  for (const [i, block] of out.entries()) {
    expect(block.byteLength).toBe(BLOCK_BYTES);
    expect(block.every((byte) => byte === i + 1)).toBe(true);
  }
  for (const block of out) giveBackBlock(block);
});

test('a block that was given back is handed out again', () => {
  const first = takeBlock();
  giveBackBlock(first);
  expect(takeBlock()).toBe(first);
  giveBackBlock(first);
});

test('what groups are gathered in and blocks are of the same memory and never overlap', () => {
  const slabs = Array.from({ length: 5 }, takeSlab);
  const blocks = Array.from({ length: 7 }, takeBlock);
  const out = [...slabs, ...blocks];
  for (const [i, piece] of out.entries()) piece.fill(i + 1);
  for (const [i, piece] of out.entries()) {
    expect(piece.byteLength).toBe(i < slabs.length ? SLAB_BYTES : BLOCK_BYTES);
    expect(piece.every((byte) => byte === i + 1)).toBe(true);
  }
  for (const block of blocks.toReversed()) giveBackBlock(block);
  for (const slab of slabs) giveBackSlab(slab);
  // Every slab is whole again, whether it was in parts or not.
  const again = Array.from({ length: 7 }, takeSlab);
  expect(new Set(again.map(({ byteOffset }) => byteOffset)).size).toBe(again.length);
  expect(again).toEqual(expect.arrayContaining(slabs));
  const before = new Set(blocks.map(({ byteOffset }) => byteOffset - (byteOffset % SLAB_BYTES)));
  expect(again.filter(({ byteOffset }) => before.has(byteOffset))).toHaveLength(before.size);
  for (const slab of again) giveBackSlab(slab);
});
