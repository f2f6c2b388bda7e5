import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textsOf } from '../../../src/domain/log/settle/settling-rows.ts';
import { labelColumn } from '../../../src/domain/snapshot/conform.ts';
import { typeOfLabels } from '../../../src/domain/snapshot/label-type.ts';

describe('the type of labels', () => {
  it.each([
    [['0', '1', '0'], 'int64'],
    [['-3', '12'], 'int64'],
    [['0.0', '1.0'], 'float64'],
    [['1', '0.5', '-2.25e-7'], 'float64'],
    [['0.30000000000000004'], 'float64'],
    [['true', 'false'], 'boolean'],
    [['True', 'False'], 'boolean'],
    [['0', 'true'], 'text'],
    [['yes', 'no'], 'text'],
    [['01', '02'], 'text'],
    [['1', ''], 'text'],
    [[' 1'], 'text'],
    [['+1', '0x10'], 'text'],
    [['NaN', '1'], 'text'],
    [['1e999'], 'text'],
    [['9007199254740993', '9007199254740992'], 'text'],
    [[], 'text'],
  ])('of %j is %s', (labels, type) => {
    expect(typeOfLabels(labels)).toBe(type);
    expect(typeOfLabels(labels.toReversed())).toBe(type);
  });

  it('loses no label', () => {
    const label = fc.oneof(fc.integer().map(String), fc.double().map(String), fc.boolean().map(String), fc.string());
    const alike = fc.oneof(
      fc.array(label),
      fc.array(fc.maxSafeInteger().map(String)),
      fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }).map(String)),
      fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)),
    );
    fc.assert(
      fc.property(alike, (labels) => {
        const column = labelColumn(labels, typeOfLabels(labels));
        expect(textsOf(column, column.length)).toEqual(labels);
      }),
    );
  });
});
