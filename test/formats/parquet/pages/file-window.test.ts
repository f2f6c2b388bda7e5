import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FileWindow } from '../../../../src/formats/parquet/pages/file-window.ts';

const LENGTH = 300_000;
const byteAt = (at: number): number => (at * 31 + (at >> 8)) % 251;

describe('FileWindow', () => {
  const bytes = Uint8Array.from({ length: LENGTH }, (_, at) => byteAt(at));
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-window-'));
  let file: number;

  beforeAll(() => {
    const path = join(folder, 'bytes');
    writeFileSync(path, bytes);
    file = openSync(path, 'r');
  });
  afterAll(() => {
    closeSync(file);
    rmSync(folder, { recursive: true });
  });

  it('has the bytes of any place, onwards by less and by more than it holds, and backwards', () => {
    const window = new FileWindow(file);
    const asked = [
      [0, 10],
      [8, 70_000],
      [60_000, 100_000],
      [159_990, 20],
      [250_000, 50_000],
      [299_999, 1],
      [100, 7],
      [100, 200_000],
      [50, 0],
    ] as const;
    for (const [at, length] of asked) {
      expect(Buffer.compare(window.bytes(at, length, LENGTH), bytes.subarray(at, at + length)), `${at}`).toBe(0);
    }
  });

  it('refuses what the file does not have', () => {
    expect(() => new FileWindow(file).bytes(LENGTH - 5, 10, LENGTH + 5)).toThrow(/not where or what its header says/);
  });
});
