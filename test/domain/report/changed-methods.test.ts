import { expect, test } from 'vitest';
import { changedMethods, withPresentNames } from '../../../src/domain/report/changed-methods.ts';
import { describeMeasure } from '../../../src/domain/report/describe-measure.ts';

const [FORMER, PRESENT] = ['js_distance/base2/reference-edges@1', 'js_distance/base2/reference-edges@2'];
const other = 'psi/reference-edges@1';
const body = (measure: string) => ({
  methods: { judge: 'judge@5', measures: [measure, other] },
  configuration: { config: { effects: { [measure]: 0.1, [other]: 0.2 }, measures: [measure], seasons: null } },
  columns: [{ name: 'x', effect: { measure, value: 1 }, findings: [{ measure, value: 1 }, { measure: other }] }],
});

test('a report says which of its methods have changed since', () => {
  expect(changedMethods(body(FORMER))).toEqual([{ stored: FORMER, recomputed: PRESENT }]);
  expect(changedMethods(body(PRESENT))).toEqual([]);
  // A text of the data is no method.
  expect(changedMethods({ ...body(PRESENT), columns: [{ bins: [{ label: FORMER }] }] })).toEqual([]);
});

test('a report differs in no name that a method had', () => {
  expect(withPresentNames(body(FORMER))).toEqual(body(PRESENT));
  expect(withPresentNames(body(PRESENT))).toEqual(body(PRESENT));
});

test('a former measure is called what the present one is called', () => {
  expect(describeMeasure(FORMER)).toEqual(describeMeasure(PRESENT));
  expect(describeMeasure(FORMER).title).toBe('Jensen-Shannon distance');
  expect(describeMeasure('unheard/of@1')).toEqual({ title: 'unheard/of@1', description: '' });
});
