import { describe, expect, it } from 'vitest';
import { instantOf } from '../../../src/cli/commands/instant-argument.ts';

describe('a point in time on the command line', () => {
  it.each([
    ['2026-01-31', '2026-01-31T00:00:00.000Z'],
    ['2028-02-29', '2028-02-29T00:00:00.000Z'],
    ['2026-01-31T09:00:00Z', '2026-01-31T09:00:00.000Z'],
    ['2026-01-31T09:00Z', '2026-01-31T09:00:00.000Z'],
    ['2026-01-31 09:00:00+02:00', '2026-01-31T07:00:00.000Z'],
    ['2026-01-31t09:00:00.125z', '2026-01-31T09:00:00.125Z'],
  ])('%s is %s', (text, time) => {
    expect(instantOf(text)).toBe(time);
  });

  const none = ['yesterday', '2026-01-31T09:00:00', '2026-13-01', '31.01.2026', '1769850000', ''];
  it.each([...none, '2026-02-31', '2025-02-29T09:00:00Z', '2026-01-31T09:60:00Z'])('"%s" is none', (text) => {
    expect(() => instantOf(text)).toThrow('Write it like 2026-01-31T09:00:00Z');
  });
});
