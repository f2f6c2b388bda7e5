import { expect, it } from 'vitest';
import { measureList } from '../../../schemas/wire/measures.ts';
import { measureCatalogue, measuresMeant } from '../../../src/domain/configuration/measure-catalogue.ts';
import { FORMER_MEASURES } from '../../../src/stats/verdict/former-measures.ts';
import { MEASURE_NAMES } from '../../../src/stats/verdict/measures.ts';
import { TABLE_MEASURE_NAMES } from '../../../src/stats/verdict/table-measures.ts';

const entry = (name: string) => measureCatalogue().find((one) => one.name === name);

it('the catalogue has every measure of columns and of rows, as the wire takes it', () => {
  const items = measureCatalogue();
  expect(items.map(({ name }) => name)).toEqual([...MEASURE_NAMES, ...TABLE_MEASURE_NAMES]);
  expect(measureList.parse({ items, next: null }).items).toEqual(items);
  expect(items.flatMap((one) => one.former_names).toSorted()).toEqual(FORMER_MEASURES.toSorted());
});

it('each tells what it is for, what it says and from where on it matters', () => {
  expect(entry('psi/reference-edges@1')).toMatchObject({
    title: 'Population stability index',
    of: ['number', 'category'],
    use: 'index',
    direction: 'higher',
    limit: 0.1,
    standard: true,
    former_names: [],
  });
  expect(entry('ks/window-larger@1')).toMatchObject({ of: ['number'], use: 'test', limit: null, standard: false });
  expect(entry('text/words@1')).toMatchObject({ of: ['text'], use: 'effect', standard: true });
  expect(entry('domain_classifier/auc@1')).toMatchObject({ of: ['rows'], use: 'effect', limit: 0.05, standard: false });
  expect(entry('mmd/permutation@2')).toMatchObject({ use: 'test', limit: null, former_names: ['mmd/permutation@1'] });
  expect(entry('slice_shift/mean-rank@2')).toMatchObject({ of: ['rows'], use: 'effect', standard: true });
});

it.each([
  ['cvm', ['cramer_von_mises/integral@1']],
  ['l_infinity/shares@1', ['l_infinity/shares@2']],
  ['domain_classifier', ['domain_classifier/components@1', 'domain_classifier/auc@1']],
  ['nothing', []],
])('%s may mean %j', (word, names) => {
  expect(measuresMeant(word).map(({ name }) => name)).toEqual(names);
});
