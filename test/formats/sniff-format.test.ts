import { describe, expect, test } from 'vitest';
import { endingOf } from '../../src/formats/sniff-format.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('the ending of what came without a name', () => {
  test.each([
    ['PAR1rest', '.parquet'],
    ['a,b\n1,2\n', '.csv'],
    ['\ufeffa;b\r\n1;2\r\n', '.csv'],
    ['a\tb\n1\t2\n', '.tsv'],
    ['{"a": 1}\n', '.ndjson'],
    [' [{"a": 1}]', '.json'],
    ['one column\nonly\n', null],
    ['', null],
  ])('%j', (text, ending) => {
    expect(endingOf(bytes(text))).toBe(ending);
  });

  test('is none for other bytes, and does not mind a character cut in two', () => {
    expect(endingOf(Uint8Array.of(0x41, 0x2c, 0x00))).toBeNull();
    expect(endingOf(Uint8Array.of(0x41, 0x2c, 0xff, 0x41))).toBeNull();
    expect(endingOf(bytes('a,ü').subarray(0, 3))).toBe('.csv');
  });
});
