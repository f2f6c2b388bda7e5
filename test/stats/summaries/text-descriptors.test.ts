import { describe, expect, it } from 'vitest';
import { isValid } from '../../../src/stats/column.ts';
import { describeTexts, TEXT_DESCRIPTORS, vocabularyOf } from '../../../src/stats/summaries/text-descriptors.ts';
import { judge } from '../../../src/stats/verdict/judge.ts';
import { profileOf, texts } from '../columns.ts';

describe('describeTexts', () => {
  const known = vocabularyOf(texts(["don't stop", 'Stop here', null]));

  it('knows the words of the reference, whatever their case', () => {
    expect([...known].sort()).toEqual(["don't", 'here', 'stop']);
    expect([...vocabularyOf(texts(['rock’n’roll 4ever']))]).toEqual(['rock’n’roll', '4ever']);
    // A text that no row has, as dictionaries of more rows have them.
    const some = { ...texts(['a b']), dictionary: ['a b', 'c'] };
    expect([...vocabularyOf(some)]).toEqual(['a', 'b']);
  });

  it('measures lengths, unknown words and classes of characters, row by row', () => {
    const column = texts(['STOP 42!', null, 'né', '', 'STOP 42!', '...']);
    const found = describeTexts(column, known);
    expect(Object.keys(found)).toEqual([...TEXT_DESCRIPTORS]);
    expect(Array.from(found.characters.values)).toEqual([8, 0, 2, 0, 8, 3]);
    expect(Array.from(found.words.values)).toEqual([2, 0, 1, 0, 2, 0]);
    expect(Array.from(found.out_of_vocabulary.values)).toEqual([0.5, 0, 1, 0, 0.5, 0]);
    const valid = (name: (typeof TEXT_DESCRIPTORS)[number]) =>
      Array.from({ length: 6 }, (_, i) => isValid(found[name].valid, i));
    expect(valid('characters')).toEqual([true, false, true, true, true, true]);
    expect(valid('out_of_vocabulary')).toEqual([true, false, true, false, true, false]);
    expect(valid('letters')).toEqual([true, false, true, false, true, true]);
    expect(found.characters.valid).toHaveLength(1);
    expect([found.letters.values[0], found.letters.values[2]]).toEqual([0.5, 1]);
    expect([found.upper_case.values[0], found.upper_case.values[2]]).toEqual([0.5, 0]);
    expect(found.digits.values[0]).toBe(0.25);
    expect(found.spaces.values[0]).toBe(0.125);
    expect(found.punctuation.values[5]).toBe(1);
    expect(found.non_ascii.values[2]).toBe(0.5);
  });

  it('counts code points, not halves of them', () => {
    const { characters, non_ascii } = describeTexts(texts(['𝄞🎵']), known);
    expect([characters.values[0], non_ascii.values[0]]).toEqual([2, 1]);
  });

  it('takes nothing for a sign or beyond ASCII that is not', () => {
    // A letter, an accent that stands by itself, and the last of ASCII's characters.
    const { letters, punctuation, non_ascii } = describeTexts(texts(['a\u0301\x7f']), known);
    expect([letters, punctuation, non_ascii].map(({ values }) => values[0])).toEqual([1 / 3, 0, 1 / 3]);
  });

  it('keeps the most frequent words, ties by text', () => {
    expect([...vocabularyOf(texts(['z y', 'y x', 'x w', 'v']), 3)].sort()).toEqual(['v', 'x', 'y']);
    expect([...vocabularyOf(texts(['b c', 'c', 'c', 'b', 'a']), 2)].sort()).toEqual(['b', 'c']);
  });

  it('lets the rarest go once four times as many are held, and what is met again counts anew', () => {
    const words = (n: number) => Array.from({ length: n }, (_, i) => `w${i}`);
    const kept = (n: number) => [...vocabularyOf(texts([words(n).join(' '), `w${n - 1}`]), 2)].sort();
    expect(kept(8)).toEqual(['w0', 'w7']);
    expect(kept(9)).toEqual(['w0', 'w1']);
  });

  it('keeps the most frequent words in bounded memory', () => {
    const rows = Array.from({ length: 900 }, (_, i) => (i % 3 === 0 ? `common w${i}` : `w${i}`));
    const words = vocabularyOf(texts(rows), 10);
    expect(words.size).toBe(10);
    expect(words.has('common')).toBe(true);
  });

  it('gives columns that can be judged where the texts themselves cannot', () => {
    const text = (i: number, tail: string) => `order ${i} was ${['late', 'fine', 'lost'][i % 3]}${tail}`;
    const reference = texts(Array.from({ length: 300 }, (_, i) => text(i, '')));
    const window = texts(Array.from({ length: 200 }, (_, i) => text(1000 + i, ' :-( refund')));
    const words = vocabularyOf(reference);
    const [r, w] = [describeTexts(reference, words), describeTexts(window, words)];
    const columns = TEXT_DESCRIPTORS.map((name) => ({
      name,
      role: 'feature' as const,
      profile: profileOf({ [name]: r[name] }).columns[0]!,
      reference: r[name],
      window: w[name],
    }));
    const verdicts = new Map(judge({ columns }).columns.map(({ name, verdict }) => [name, verdict]));
    expect(verdicts.get('characters')).toBe('drift');
    expect(verdicts.get('out_of_vocabulary')).toBe('drift');
    expect(verdicts.get('punctuation')).toBe('drift');
  });
});
