import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addAscii, addText, emptyRegisters } from '../../../src/stats/summaries/hyperloglog.ts';

describe('registers', () => {
  it('are the same from a text as from its bytes, when these are ASCII', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 20 })), (texts) => {
        const fromTexts = emptyRegisters();
        const fromBytes = emptyRegisters();
        for (const text of texts) {
          const bytes = Buffer.from(`<${text}>`);
          addText(fromTexts, text);
          const taken = addAscii(fromBytes, bytes, 1, bytes.length - 1);
          expect(taken).toBe(bytes.every((byte) => byte < 128));
          if (!taken) addText(fromBytes, text);
        }
        expect(fromBytes).toEqual(fromTexts);
      }),
    );
  });
});
