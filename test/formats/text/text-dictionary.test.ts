import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TextDictionary } from '../../../src/formats/text/text-dictionary.ts';

describe('TextDictionary', () => {
  it('gives equal texts equal codes, in order of first appearance', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 12 }), { maxLength: 400 }), (texts) => {
        const dictionary = new TextDictionary();
        const codes = texts.map((text) => dictionary.codeOf(text));
        const order = [...new Set(texts)];
        expect(dictionary.snapshot()).toEqual(order);
        expect(codes).toEqual(texts.map((text) => order.indexOf(text)));
      }),
      { seed: 31 },
    );
  });

  it('hands out the same snapshot until a text is added, and never changes one handed out', () => {
    const dictionary = new TextDictionary();
    dictionary.codeOf('a');
    const first = dictionary.snapshot();
    dictionary.codeOf('a');
    expect(dictionary.snapshot()).toBe(first);
    dictionary.codeOf('b');
    expect(first).toEqual(['a']);
    expect(dictionary.snapshot()).toEqual(['a', 'b']);
  });

  it('forgets a large dictionary between batches and keeps a small one', () => {
    const dictionary = new TextDictionary();
    for (let i = 0; i < 100; i++) dictionary.codeOf(`few-${i}`);
    dictionary.startBatch();
    expect(dictionary.snapshot()).toHaveLength(100);
    for (let i = 0; i < 20_000; i++) dictionary.codeOf(`many-${i}`);
    dictionary.startBatch();
    expect(dictionary.snapshot()).toEqual([]);
    expect(dictionary.codeOf('many-7')).toBe(0);
  });

  it('stays right when texts are made to collide', () => {
    // Found by birthday search: keep only texts whose slot in a table of 256 is the same.
    const slot = (text: string): number => {
      let hash = 0x811c9dc5;
      for (const b of Buffer.from(text)) hash = Math.imul(hash ^ b, 0x01000193);
      return (hash ^ (hash >>> 15)) & 0xff;
    };
    const texts = Array.from({ length: 60_000 }, (_, i) => `t${i}`).filter((text) => slot(text) === 7);
    const dictionary = new TextDictionary();
    const codes = texts.map((text) => dictionary.codeOf(text));
    expect(codes).toEqual(texts.map((_, i) => i));
    expect(texts.map((text) => dictionary.codeOf(text))).toEqual(codes);
  });
});
