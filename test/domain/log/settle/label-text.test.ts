import { describe, expect, it } from 'vitest';
import { labelAmong, labelText } from '../../../../src/domain/log/settle/label-text.ts';

describe('the text that a label is known by', () => {
  it.each([
    ['1', ['1', '1.0', '1.', '1e0', '10e-1', '1.000']],
    ['0', ['0', '-0', '0.0', '-0.0', '0e9', '.0']],
    ['0.5', ['.5', '0.50', '5e-1']],
    ['-2', ['-2', '-2.0', '-20e-1']],
    ['1000', ['1e3', '1E+3', '1000.00']],
    ['9007199254740993', ['9007199254740993', '9007199254740993.0']],
    ['-9223372036854775808', ['-9223372036854775808']],
    ['1e+21', ['1e21', '1000000000000000000000']],
    ['true', ['true', 'True', 'TRUE']],
    ['false', ['false', 'False', 'FALSE']],
  ])('%s stands for all its spellings', (text, spellings) => {
    expect(spellings.map(labelText)).toEqual(spellings.map(() => text));
    expect(labelText(text)).toBe(text);
  });

  it.each(['007', '+1', '1,5', '0x10', '1e', '.', '-', '', ' 1', 'NaN', '1e999', 'tRUE', 'churned'])(
    '"%s" is a text like any other',
    (text) => expect(labelText(text)).toBe(text),
  );

  it('is read by the classes there are', () => {
    const among = (text: string, ...classes: string[]) => labelAmong(text, new Set(classes));
    expect(['true', 'False', '1.0', '0', 'x'].map((text) => among(text, '0', '1'))).toEqual(['1', '0', '1', '0', 'x']);
    expect(['1', '0.0', 'TRUE', 'no'].map((text) => among(text, 'false', 'true'))).toEqual([
      'true',
      'false',
      'true',
      'no',
    ]);
    // Three classes are no pair, and without any nothing is known.
    expect(among('true', '0', '1', '2')).toBe('true');
    expect(among('true')).toBe('true');
    expect(among('1', 'yes', 'no')).toBe('1');
  });
});
