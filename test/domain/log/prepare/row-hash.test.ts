import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contentHashes, idHash } from '../../../../src/domain/log/prepare/row-hash.ts';
import { isRepeat, repeatsBitmap } from '../../../../src/domain/log/settle/repeats.ts';
import { bySortedHash, slices } from '../../../../src/domain/log/settle/sorted-hashes.ts';
import { decodeArrow } from '../../../../src/formats/arrow/arrow.ts';
import { encodeArrow } from '../../../../src/formats/arrow/writer.ts';
import { selectRows } from '../../../../src/formats/columns/select-rows.ts';
import { parseRecords } from '../../../../src/formats/prediction/rows.ts';

const value = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.string(),
  fc.boolean(),
  fc.constant(null),
);
const features = fc.record({
  a: fc.integer(),
  b: fc.string(),
  c: fc.double({ noNaN: true, min: -(2 ** 53), max: 2 ** 53 }),
});

function parse(rows: readonly Record<string, unknown>[]) {
  return parseRecords(Buffer.from(JSON.stringify(rows)), 'json', { shape: 'prediction' });
}

const row = (n: number, values: Record<string, unknown>) => ({
  prediction_id: String(n),
  timestamp: '2026-03-01T10:00:00Z',
  prediction: 1,
  features: values,
});

test('a row hashes alike alone, among others, stored and read again, and with its keys turned round', () => {
  fc.assert(
    fc.property(fc.array(features, { minLength: 1, maxLength: 8 }), (list) => {
      const together = parse(list.map((values, i) => row(i, values)));
      const hashes = contentHashes(together.fields, together.batch);
      const stored = decodeArrow(encodeArrow(together.fields, together.batch));
      expect(contentHashes(stored.fields, stored.batch)).toEqual(hashes);
      list.forEach((values, i) => {
        const turned = Object.fromEntries(Object.entries(values).toReversed());
        const alone = parse([row(i, { ...turned, absent: null })]);
        expect(contentHashes(alone.fields, alone.batch)[0]).toBe(hashes[i]);
      });
    }),
  );
});

test('a row hashes alike beside rows of any other types', () => {
  fc.assert(
    fc.property(value, value, value, (one, other, further) => {
      const [alone] = contentsOf([row(1, { x: one, y: 'same' })]);
      const beside = contentsOf([row(2, { further, x: other }), row(1, { x: one, y: 'same' })]);
      expect(beside[1]).toBe(alone);
    }),
  );
});

test('a number hashes alike among numbers and among texts', () => {
  const spellings = ['1', '1.0', '-0', '0', '1e-07', '1E5', '100000', '9007199254740993', '1152921504606847000'];
  for (const spelling of spellings) {
    const line = (x: string) =>
      `{"prediction_id":1,"timestamp":"2026-03-01T10:00:00Z","prediction":1,"features":{"x":${x}}}`;
    const hashOf = (text: string) => {
      const parsed = parseRecords(Buffer.from(text), 'json', { shape: 'prediction' });
      return contentHashes(parsed.fields, parsed.batch)[0];
    };
    expect(hashOf(`[${line(spelling)},${line('"text"')}]`), spelling).toBe(hashOf(`[${line(spelling)}]`));
  }
  const codes = contentsOf(['007', '7', '+7', '7 ', '1e999'].map((x, i) => row(i, { x })));
  expect(new Set(codes).size).toBe(5);
});

/** What a value stands for: a text that spells a number or a truth value is one with it. */
function meant(given: unknown): unknown {
  if (given === 'true' || given === 'false') return given === 'true';
  const spelt = typeof given === 'string' && /^-?(0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?$/i.test(given);
  return spelt ? Number(given) : given;
}

test('rows that differ in one value hash differently', () => {
  fc.assert(
    fc.property(value, value, (one, other) => {
      fc.pre(JSON.stringify(meant(one)) !== JSON.stringify(meant(other)));
      const [first] = contentsOf([row(1, { x: one })]);
      const [second] = contentsOf([row(1, { x: other })]);
      expect(first === second).toBe(Object.is(one, -0) && other === 0);
    }),
  );
  const swapped = contentsOf([row(1, { a: 1, b: 2 }), row(2, { a: 2, b: 1 })]);
  expect(swapped[0]).not.toBe(swapped[1]);
});

function contentsOf(rows: readonly Record<string, unknown>[]): BigInt64Array {
  const parsed = parse(rows);
  return contentHashes(parsed.fields, parsed.batch);
}

test('ids are indexed under their MD5', () => {
  expect(idHash('p-1')).toBe('70ff83728fb2701cbc52fac8df762bf1');
  expect(idHash('')).toBe('d41d8cd98f00b204e9800998ecf8427e');
});

test('the bitmap says of each row whether it is a repeat', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), fc.array(fc.nat(99)), (rows, marks) => {
      const repeated = new Set(marks.filter((mark) => mark < rows));
      const bitmap = repeatsBitmap(rows, repeated);
      expect(bitmap === null).toBe(repeated.size === 0);
      for (let i = 0; i < rows; i++) expect(isRepeat(bitmap, i)).toBe(repeated.has(i));
    }),
  );
});

test('hashes are put in order by their first digits, each once', () => {
  fc.assert(
    fc.property(fc.array(fc.string().map(idHash), { maxLength: 50 }), (hashes) => {
      const sorted = bySortedHash(hashes);
      expect(sorted.toSorted()).toEqual(hashes.toSorted());
      expect(sorted.map((hash) => hash.slice(0, 8))).toEqual(hashes.map((hash) => hash.slice(0, 8)).toSorted());
    }),
  );
  expect([...slices([1, 2, 3, 4, 5], 2)]).toEqual([[1, 2], [3, 4], [5]]);
});

test('selected rows are what they were', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ a: value, b: fc.integer() }), { minLength: 1, maxLength: 20 }),
      fc.array(fc.nat(19)),
      (list, picks) => {
        const parsed = parse(list.map((values, i) => row(i, values)));
        const positions = Int32Array.from(picks.filter((pick) => pick < list.length));
        const selected = selectRows(parsed.batch, positions);
        const all = contentHashes(parsed.fields, parsed.batch);
        expect(selected.rows).toBe(positions.length);
        expect(contentHashes(parsed.fields, selected)).toEqual(
          BigInt64Array.from(positions, (position) => all[position] ?? 0n),
        );
      },
    ),
  );
});
