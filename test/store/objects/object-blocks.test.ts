import { expect, test } from 'vitest';
import { BLOCK_BYTES, type Block, giveBackBlock, takeBlock } from '../../../src/store/objects/object-blocks.ts';

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
