import { describe, expect, it } from 'vitest';
import { bytes, countOfFiles, rate, table } from '../../../src/cli/terminal/terminal.ts';

describe('what people read', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [1_234_567, '1.2 MB'],
    [5e15, '5000.0 TB'],
  ])('%d bytes are %s', (size, text) => {
    expect(bytes(size)).toBe(text);
  });

  it('counts one file as one', () => {
    expect([0, 1, 2].map(countOfFiles)).toEqual(['0 files', '1 file', '2 files']);
  });

  it('has rates that make sense at the beginning and at the end', () => {
    expect(rate(0, 0, 0)).toBe('100 %  0 B of 0 B  0 B/s  0 s left');
    expect(rate(0, 10, 1)).toBe('0 %  0 B of 10 B  0 B/s  0 s left');
    expect(rate(500, 1000, 1000)).toBe('50 %  500 B of 1.0 kB  500 B/s  1 s left');
    expect(rate(1000, 1000, 500)).toBe('100 %  1.0 kB of 1.0 kB  2.0 kB/s  0 s left');
  });

  it('has columns under each other, and no way to steer the terminal', () => {
    const lines = table([
      ['A', 'LONGER'],
      ['wide cell', 'x\u001b]0;title\u0007\r\ny'],
    ]).split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[1]).toBe('wide cell  x ]0;title y');
  });

  it('has as many rows as a folder has files', () => {
    const rows = Array.from({ length: 200_000 }, (_, i) => [String(i), 'x']);
    expect(table([['N', 'X'], ...rows]).split('\n')).toHaveLength(200_001);
  });
});
