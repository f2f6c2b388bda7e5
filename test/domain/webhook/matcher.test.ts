import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labelsOf, matches } from '../../../src/domain/webhook/matcher.ts';

const model = (pattern: string, value: string) => matches([{ label: 'model', is: [pattern] }], { model: value });

describe('matches', () => {
  it('holds for everything without a condition', () => {
    expect(matches([], {})).toBe(true);
  });

  it.each([
    ['churn', 'churn', true],
    ['churn', 'churn2', false],
    ['*', '', true],
    ['churn*', 'churn', true],
    ['*churn', 'old churn', true],
    ['a*a', 'a', false],
    ['a*b*c', 'a--b--c', true],
    ['a*b*c', 'a--c--b', false],
    ['*b*b*', 'abb', true],
    ['*bb*', 'ab', false],
    ['a*bc*c', 'abc', false],
    ['.', 'x', false],
  ])('compares "%s" with "%s"', (pattern, value, holds) => {
    expect(model(pattern, value)).toBe(holds);
  });

  it('agrees with a regular expression', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
    const plain = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 });
    fc.assert(
      fc.property(text, plain, (pattern, value) => {
        expect(model(pattern, value)).toBe(new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(value));
      }),
    );
  });

  it('takes no time for a pattern that would make an expression wander', () => {
    expect(model(`${'a*'.repeat(99)}b`, 'a'.repeat(200))).toBe(false);
  });

  it('asks for all of several, and takes a label that is not there for the empty text', () => {
    const both = [
      { label: 'model', is: ['churn', 'fraud'] },
      { label: 'monitor', is_not: ['hourly'] },
    ] as const;
    expect(matches([...both].map(copy), { model: 'fraud', monitor: 'daily' })).toBe(true);
    expect(matches([...both].map(copy), { model: 'fraud', monitor: 'hourly' })).toBe(false);
    expect(matches([...both].map(copy), { model: 'fraud' })).toBe(true);
    expect(matches([...both].map(copy), { monitor: 'daily' })).toBe(false);
  });
});

const copy = (matcher: { label: 'model' | 'monitor'; is?: readonly string[]; is_not?: readonly string[] }) => ({
  label: matcher.label,
  ...(matcher.is === undefined ? {} : { is: [...matcher.is] }),
  ...(matcher.is_not === undefined ? {} : { is_not: [...matcher.is_not] }),
});

describe('labelsOf', () => {
  it('reads the texts that are labels, and the dataset of a reference', () => {
    const data = { project: 'p', model: 'churn', monitor: 7, reference: { dataset: 'd', oid: 'x' }, rows: 3 };
    expect(labelsOf(data)).toEqual({ project: 'p', model: 'churn', dataset: 'd' });
    expect(labelsOf({ dataset: 'own', reference: { dataset: 'd' } })).toEqual({ dataset: 'own' });
    expect(labelsOf({ reference: null })).toEqual({});
  });
});
