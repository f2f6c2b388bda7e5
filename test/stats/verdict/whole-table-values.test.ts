import { describe, expect, it } from 'vitest';
import type { Column } from '../../../src/stats/column.ts';
import { normalDeviate } from '../../../src/stats/sampling/normal-deviate.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { type NumberLoops, PLAIN_LOOPS } from '../../../src/stats/summaries/number-loops.ts';
import { outOfFoldScores } from '../../../src/stats/table/domain-classifier.ts';
import { driftSlices } from '../../../src/stats/table/drift-slices.ts';
import { type Sides, samplePair } from '../../../src/stats/table/table-sample.ts';
import { compareColumn } from '../../../src/stats/verdict/compare-column.ts';
import { DEFAULT_POLICY } from '../../../src/stats/verdict/judge.ts';
import type { JudgeColumn, JudgePolicy } from '../../../src/stats/verdict/judgement.ts';
import { tableFindings } from '../../../src/stats/verdict/table-findings.ts';
import { compareOneOf, WholeTable } from '../../../src/stats/verdict/whole-table.ts';
import { numbers, profileOf, texts, times } from '../columns.ts';

const SLICED: JudgePolicy = { ...DEFAULT_POLICY, slices: true };
const RELATED: JudgePolicy = { ...DEFAULT_POLICY, tableMeasures: ['rank_correlations/largest-change@1'] };

const columnOf = (name: string, reference: Column, window: Column, more: Partial<JudgeColumn> = {}): JudgeColumn => ({
  ...{ name, role: 'feature', profile: profileOf({ [name]: reference }).columns[0]!, reference, window },
  ...more,
});

const sidesOf = ({ reference, window }: JudgeColumn): Sides => ({ reference: reference!, window: window! });
const counting = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

describe('a column compared as one of a table', () => {
  const x = columnOf('x', numbers(counting(600)), numbers(counting(120).map((i) => i / 2)));

  it('keeps some of its rows where whole rows are looked at, or what carries the drift', () => {
    for (const policy of [SLICED, RELATED]) {
      expect(compareOneOf(3, x, policy)).toEqual({
        name: 'x',
        role: 'feature',
        comparison: compareColumn(x, policy),
        sampled: samplePair('x', sidesOf(x), 3),
      });
    }
    expect(compareOneOf(3, x, DEFAULT_POLICY).sampled).toBeNull();
    expect(compareOneOf(8_000, x, SLICED).sampled?.reference.length).toBe(500);
  });

  it('is compared by the loops of its table, which are told after each that nobody needs what was taken', () => {
    const called: string[] = [];
    const loops: NumberLoops = {
      ...PLAIN_LOOPS,
      take: (column) => {
        called.push('take');
        return PLAIN_LOOPS.take(column);
      },
      release: () => {
        called.push('release');
      },
    };
    const columns = ['a', 'b'].map((name) => columnOf(name, numbers(counting(80)), numbers(counting(60))));
    const [whole, plain] = [new WholeTable(DEFAULT_POLICY, 2, loops), new WholeTable(DEFAULT_POLICY, 2)];
    for (const column of columns) whole.add(column);
    expect(called).toEqual(['take', 'take', 'release', 'take', 'take', 'release']);
    for (const column of columns) plain.add(column);
    expect(whole.conclude()).toEqual(plain.conclude());
  });

  it('keeps none of a segment, of what cannot be compared or a side lacks, or of free text', () => {
    const clock = times(counting(100));
    const said = (seed: number) => texts(counting(300).map((i) => `row ${i} says word ${i * seed} of many`));
    const letter = columnOf('letter', said(3), said(7));
    expect(compareColumn(letter, SLICED)).toMatchObject({ kind: 'category', incomparable: null, cells: 0 });
    for (const column of [
      { ...x, role: 'segment' as const },
      { ...x, window: null },
      { ...x, reference: null },
      columnOf('t', clock, clock),
      letter,
    ]) {
      const found = compareOneOf(1, column, SLICED);
      expect(found).toMatchObject({ name: column.name, role: column.role, sampled: null });
    }
  });

  it('has texts of the numbers of a column that is compared as one of categories', () => {
    const codes = numbers(counting(120).map((i) => i % 3));
    const found = compareOneOf(1, columnOf('code', codes, codes, { asCategory: true }), SLICED);
    expect(found.comparison.kind).toBe('category');
    expect(found.sampled?.reference).toMatchObject({ kind: 'category', dictionary: ['0', '1', '2'] });
    expect(compareOneOf(1, columnOf('code', codes, codes), SLICED).sampled?.reference.kind).toBe('number');
  });
});

/** Columns of which x moves, and y turns, in the rows of group a. */
function table(seed: number, change: { readonly shift?: number; readonly turn?: number }) {
  const random = xoshiro128(seed);
  const inGroup = (i: number): boolean => i % 3 === 0;
  const x = counting(600).map((i) => normalDeviate(random) + (inGroup(i) ? (change.shift ?? 0) : 0));
  return {
    x: numbers(x),
    y: numbers(x.map((v, i) => (inGroup(i) ? (change.turn ?? 1) : 1) * v + normalDeviate(random) / 5)),
    noise: numbers(x.map(() => normalDeviate(random))),
    group: texts(x.map((_, i) => (inGroup(i) ? 'a' : 'b'))),
  };
}

type Name = keyof ReturnType<typeof table>;

describe('a table whose columns come one by one', () => {
  const made = (names: readonly Name[], policy: JudgePolicy, change: Parameters<typeof table>[1]) => {
    const [reference, window] = [table(1, {}), table(2, change)];
    const columns = names.map((name) => columnOf(name, reference[name], window[name]));
    const whole = new WholeTable(policy, columns.length);
    for (const column of columns) whole.add(column);
    // One that has no place in a row of values.
    const clock = times(counting(600));
    whole.add(columnOf('at', clock, clock));
    const pair = (kept: readonly Name[]) =>
      kept.map((name) => samplePair(name, { reference: reference[name], window: window[name] }, columns.length)!);
    const beside = { name: 'group', reference: reference.group, window: window.group };
    return { whole, pair, beside };
  };

  it('has the conditions that carry the drift of the columns that drifted and count', () => {
    const names: Name[] = ['x', 'noise', 'group'];
    const { whole, pair } = made(names, SLICED, { shift: 3 });
    const judgement = whole.conclude();
    expect(judgement.columns.map(({ verdict }) => verdict)).toEqual([
      ...['drift', 'no_drift', 'no_drift', 'not_comparable'],
    ]);
    const expected = driftSlices(pair(names), ['x'], null);
    expect(expected[0]?.conditions).toMatchObject([{ column: 'group', value: 'a' }]);
    expect(judgement.slices).toEqual(expected);
    expect(made(names, DEFAULT_POLICY, { shift: 3 }).whole.conclude().slices).toBeUndefined();
    const weightless = made(names, { ...SLICED, weights: { x: 0 } }, { shift: 3 }).whole.conclude();
    expect(weightless.columns[0]).toMatchObject({ verdict: 'drift', weight: 0 });
    expect(weightless.slices).toEqual([]);
    // What moved by less than matters is not explained either.
    const limits = { 'wasserstein/reference-std@1': 9, 'js_distance/base2/reference-edges@2': 1 };
    expect(made(names, { ...SLICED, limits }, { shift: 3 }).whole.conclude().slices).toEqual([]);
    const weighted = made(names, { ...SLICED, weights: { x: 0.5 } }, { shift: 3 }).whole.conclude();
    expect(weighted.slices).toEqual(expected);
  });

  it('takes columns besides that are not judged', () => {
    const { whole, pair, beside } = made(['x', 'noise'], SLICED, { shift: 3 });
    const judgement = whole.judged();
    expect(judgement.slices).toBeUndefined();
    const expected = driftSlices(pair(['x', 'noise', 'group']), ['x'], null);
    expect(expected[0]?.conditions).toMatchObject([{ column: 'group', value: 'a' }]);
    expect(whole.sliced(judgement, [beside])).toEqual({ ...judgement, slices: expected });
    const clock = times(counting(600));
    expect(whole.sliced(judgement, [beside, { name: 't', reference: clock, window: clock }]).slices).toEqual(expected);
  });

  it('looks at whole rows of columns that count, and explains what they show', () => {
    const names: Name[] = ['x', 'y', 'noise', 'group'];
    const policy = { ...RELATED, slices: true, weights: { noise: 0 } };
    const { whole, pair } = made(names, policy, { turn: -1 });
    const judgement = whole.conclude();
    const [finding] = tableFindings(pair(['x', 'y', 'group']), policy.tableMeasures);
    expect(judgement.table).toMatchObject([{ value: finding!.value, parameters: finding!.parameters, drift: true }]);
    expect(finding?.parameters).toMatchObject({ columns: 2 });
    const scores = outOfFoldScores(pair(['x', 'y', 'group']), { random: xoshiro128(3) });
    const expected = driftSlices(pair(names), [], scores);
    expect(expected[0]).toMatchObject({ wholeRows: 1 });
    expect(judgement.slices).toEqual(expected);
    const both: JudgePolicy = { ...policy, tableMeasures: [...policy.tableMeasures, 'mmd/linear-time@2'] };
    const beside = made(names, both, { turn: -1 }).whole.conclude();
    expect(beside.table?.map(({ drift }) => drift)).toEqual([true, false]);
    expect(beside.slices).toEqual(expected);
    const limits = { 'rank_correlations/largest-change@1': 2.1 };
    expect(made(names, { ...policy, limits }, { turn: -1 }).whole.conclude().slices).toEqual([]);
    const healthy = made(names, policy, {}).whole.conclude();
    expect(healthy.table?.[0]?.drift).toBe(false);
    expect(healthy.slices).toEqual([]);
    expect(made(names, RELATED, { turn: -1 }).whole.conclude().slices).toBeUndefined();
    expect(made(names, SLICED, { turn: -1 }).whole.conclude().table).toBeUndefined();
  });
});
