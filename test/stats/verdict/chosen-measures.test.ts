import { describe, expect, it } from 'vitest';
import type { Column } from '../../../src/stats/column.ts';
import { mannWhitney } from '../../../src/stats/hypothesis-tests/mann-whitney.ts';
import { normalDeviate } from '../../../src/stats/sampling/normal-deviate.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { judge } from '../../../src/stats/verdict/judge.ts';
import type { ColumnJudgement, Finding, JudgePolicy } from '../../../src/stats/verdict/judgement.ts';
import { MEASURES, type MeasureName } from '../../../src/stats/verdict/measures.ts';
import { numbers, profileOf, texts, vectors } from '../columns.ts';
import { filled, sample, weyl } from '../samples.ts';

const ALL = Object.keys(MEASURES) as MeasureName[];

function judged(reference: Column, window: Column, policy: Partial<JudgePolicy>): ColumnJudgement {
  const profile = profileOf({ x: reference }).columns[0]!;
  return judge({ columns: [{ name: 'x', role: 'feature', profile, reference, window }], policy }).columns[0]!;
}

function found(column: ColumnJudgement, measure: MeasureName): Finding {
  const finding = column.findings.find((candidate) => candidate.measure === measure);
  if (finding === undefined) throw new Error(`no ${measure}`);
  return finding;
}

const names = (column: ColumnJudgement): MeasureName[] => column.findings.map(({ measure }) => measure);
const bell = (n: number, shift = 0, offset = 0) => numbers(Array.from(sample({ n, kind: 'normal', shift, offset })));
const deal = (counts: Readonly<Record<string, number>>) =>
  texts(Object.entries(counts).flatMap(([value, count]) => filled(count, value)));

describe('a policy that chooses measures', () => {
  it.each([
    ['Student’s t with two degrees of freedom', 2],
    ['Cauchy’s law', 1],
  ])('alarms no more often where tails are heavy, although the distance goes further there: %s', (_, degrees) => {
    const random = xoshiro128(17);
    const tailed = (): number => {
      const squares = Array.from({ length: degrees }, () => normalDeviate(random) ** 2);
      return normalDeviate(random) / Math.sqrt(squares.reduce((sum, v) => sum + v, 0) / degrees);
    };
    const draw = () => numbers(Array.from({ length: 200 }, tailed));
    let [beyond, drifted] = [0, 0];
    for (let i = 0; i < 400; i++) {
      const column = judged(draw(), draw(), { measures: ['wasserstein/reference-std@1'] });
      const { value, null95 } = found(column, 'wasserstein/reference-std@1');
      if (value! > null95!) beyond++;
      if (column.verdict === 'drift') drifted++;
    }
    expect(beyond / 400).toBeGreaterThan(0.1);
    expect(drifted / 400).toBeLessThan(0.05);
  });

  it('makes every measure of a kind, each with a sensible finding', () => {
    const wide = numbers(Array.from(sample({ n: 400, kind: 'normal', shift: 0.6, scale: 1.4, offset: 30_000 })));
    const number = judged(bell(500), wide, { measures: ALL });
    const category = judged(deal({ a: 300, b: 200, c: 100 }), deal({ a: 100, b: 200, c: 120 }), { measures: ALL });
    const points = (rows: number, by: number, scale: number) => {
      const values = Array.from(sample({ n: 2 * rows, kind: 'normal', offset: 100, shift: by, scale }));
      return vectors(
        Array.from({ length: rows }, (_, i) => [values[2 * i]!, 1 + by + values[2 * i + 1]!]),
        2,
      );
    };
    const vector = judged(points(500, 0, 1), points(400, 0.6, 1.4), { measures: ALL });
    const made = new Set([...names(number), ...names(category), ...names(vector)]);
    // Those of free text are made of nothing else.
    expect(ALL.filter((name) => !made.has(name) && !name.startsWith('text/'))).toEqual([
      'chi_square/pooled-cells@1',
      'chi_square/dealt@1',
    ]);
    for (const column of [number, category, vector]) {
      expect(column.verdict).toBe('drift');
      expect(JSON.parse(JSON.stringify(column))).toEqual(column);
      for (const finding of column.findings) {
        const { use, standard } = MEASURES[finding.measure];
        if (finding.value === null) expect(finding.reason).not.toBeNull();
        if (/^(missing|unseen)_share/.test(finding.measure)) continue;
        if (use !== 'test' && finding.null95 !== null) expect(Math.abs(finding.value!)).toBeGreaterThan(finding.null95);
        // The values grew, so none of them shrank.
        if (finding.measure === 'ks/window-smaller@1') expect(finding.p).toBeGreaterThan(0.5);
        else if (use === 'test' && !standard && finding.p !== null) expect(finding.p).toBeLessThan(0.05);
      }
    }
    expect(found(category, 'z_test/proportions@1').reason).toBe('the column does not have two values');
    expect(found(category, 'fisher/exact@1')).toMatchObject({ value: null, p: 1 / 2000 });
  });

  it('looks at what is asked for besides, where it fits, and it decides as any effect does', () => {
    const besides: MeasureName[] = ['spread/log-ratio@1'];
    const wide = numbers(Array.from(sample({ n: 400, kind: 'normal', shift: 0, scale: 1.4, offset: 30_000 })));
    const limits = { 'wasserstein/reference-std@1': 9, 'js_distance/base2/reference-edges@2': 1 };
    const [usual, more] = [judged(bell(500), wide, { limits }), judged(bell(500), wide, { limits, besides })];
    expect(names(usual)).not.toContain(besides[0]);
    expect(new Set(names(more))).toEqual(new Set([...names(usual), ...besides]));
    expect(more.p).toBe(usual.p);
    expect([usual.verdict, more.verdict]).toEqual(['no_drift', 'drift']);
    expect(more.effect?.measure).toBe('spread/log-ratio@1');
    const text = deal({ a: 300, b: 200 });
    expect(names(judged(text, text, { besides }))).toEqual(names(judged(text, text, {})));
  });

  it('takes the smallest p of the chosen tests times their number, and only the chosen distances', () => {
    const measures: MeasureName[] = ['mann_whitney/two-sided@1', 'levene/median@1', 'energy/reference-std@1'];
    const column = judged(bell(500), bell(400, 0.5, 30_000), { measures });
    expect(names(column)).toEqual([...measures, 'missing_share/difference@1']);
    const [rank, spread] = [found(column, measures[0]!), found(column, measures[1]!)];
    expect(column.p).toBe(Math.min(1, 2 * Math.min(rank.p!, spread.p!)));
    expect(rank.q).toBe(column.q);
    expect(column.effect?.measure).toBe('energy/reference-std@1');
    expect(rank.value).toBeGreaterThan(0.5);
    const [r, w] = [
      sample({ n: 500, kind: 'normal' }).sort(),
      sample({ n: 400, kind: 'normal', shift: 0.5, offset: 30_000 }).sort(),
    ];
    expect(rank.p).toBe(mannWhitney(w, r).p);
  });

  it('says of signed measures that the window is the larger side', () => {
    const column = judged(bell(500), bell(400, 0.5, 30_000), { measures: ['t_test/welch@1', 't_test/student@1'] });
    expect(found(column, 't_test/welch@1').value).toBeGreaterThan(0);
    expect(found(column, 't_test/student@1').value).toBeGreaterThan(0);
    const flags = judged(deal({ a: 300, b: 100 }), deal({ a: 100, b: 100 }), {
      measures: ['z_test/proportions@1', 'fisher/exact@1', 'g_test/contingency@1'],
    });
    expect(found(flags, 'z_test/proportions@1').value).toBeLessThan(0);
    expect(found(flags, 'fisher/exact@1').value).toBe(3);
    expect(flags.p).toBe(3 * Math.min(...flags.findings.flatMap(({ p }) => p ?? [])));
  });

  it('keeps the standard measures of the kinds it says nothing of', () => {
    const standard = judged(deal({ a: 300, b: 200 }), deal({ a: 250, b: 210 }), {});
    expect(judged(deal({ a: 300, b: 200 }), deal({ a: 250, b: 210 }), { measures: ['levene/mean@1'] })).toEqual(
      standard,
    );
    const column = judged(bell(300), bell(200), { measures: ['anderson_darling/midrank@1'] });
    expect(names(column)).toEqual([
      'anderson_darling/midrank@1',
      'wasserstein/reference-std@1',
      'psi/reference-edges@1',
      'js_distance/base2/reference-edges@2',
      'missing_share/difference@1',
    ]);
  });

  it('decides by an index that was chosen, and has a limit', () => {
    const [reference, window] = [bell(3000), bell(3000, 0.6, 30_000)];
    const column = judged(reference, window, { measures: ['psi/reference-edges@1'] });
    expect(column).toMatchObject({ verdict: 'drift', effect: { measure: 'psi/reference-edges@1', limit: 0.1 } });
    const lenient = judged(reference, window, {
      measures: ['psi/reference-edges@1'],
      limits: { 'psi/reference-edges@1': 5 },
    });
    expect(lenient.verdict).toBe('no_drift');
  });

  it('makes the standard tests and distances where the chosen ones say nothing of a column', () => {
    const constant = (v: number) => numbers(filled(100, v));
    const moved = judged(constant(3), constant(4), { measures: ['t_test/welch@1', 'energy/reference-std@1'] });
    expect(moved.verdict).toBe('drift');
    expect(found(moved, 't_test/welch@1').reason).toBe('the values do not vary, or are too few');
    expect(found(moved, 'energy/reference-std@1').reason).toBe('the reference is constant');
    expect(found(moved, 'combined_ranks/cauchy@1').p).toBeLessThan(1e-10);
    const three = judged(deal({ a: 200, b: 100, c: 50 }), deal({ a: 20, b: 100, c: 200 }), {
      measures: ['z_test/proportions@1'],
    });
    expect(three.verdict).toBe('drift');
    expect(found(three, 'chi_square/contingency@1').q).toBe(three.q);
    // A distance in the unit of the column has no limit of its own.
    const raw = judged(bell(500), bell(400, 0.6, 30_000), { measures: ['wasserstein/raw@1'] });
    expect(raw.effect?.measure).toBe('wasserstein/reference-std@1');
    const limited = judged(bell(500), bell(400, 0.6, 30_000), {
      measures: ['wasserstein/raw@1'],
      limits: { 'wasserstein/raw@1': 0.3 },
    });
    expect(limited).toMatchObject({ verdict: 'drift', effect: { measure: 'wasserstein/raw@1', limit: 0.3 } });
  });

  it('still sees values that go missing', () => {
    const values = Array.from(sample({ n: 600, kind: 'normal' }));
    const holes = values.map((v, i) => (weyl(i, 0.618) < 0.2 ? null : v));
    const column = judged(numbers(values), numbers(holes), { measures: ['t_test/welch@1', 'energy/reference-std@1'] });
    expect(column).toMatchObject({ verdict: 'drift', effect: { measure: 'missing_share/difference@1' } });
    const empty = judged(numbers(values), numbers(filled(100, null)), { measures: ALL });
    expect(empty.verdict).toBe('drift');
    for (const { value, reason } of empty.findings) expect(value === null).toBe(reason !== null);
  });

  it('is invariant where the measures are: to the unit of a column, and to the order of its rows', () => {
    const measures = ALL.filter((name) => !name.endsWith('/raw@1'));
    const [r, w] = [sample({ n: 300, kind: 'normal' }), sample({ n: 200, kind: 'normal', shift: 0.3, offset: 30_000 })];
    const plain = judged(numbers(Array.from(r)), numbers(Array.from(w)), { measures });
    const turned = judged(numbers(Array.from(r).reverse()), numbers(Array.from(w).reverse()), { measures });
    expect(turned.findings).toEqual(plain.findings);
    const scaled = judged(numbers(Array.from(r, (v) => 8 * v)), numbers(Array.from(w, (v) => 8 * v)), { measures });
    for (const finding of plain.findings) {
      expect(found(scaled, finding.measure).value).toBeCloseTo(finding.value!, 9);
      if (finding.p !== null) expect(found(scaled, finding.measure).p).toBeCloseTo(finding.p, 9);
    }
  });
});

describe('the adjustment', () => {
  it('of Yekutieli asks for more', () => {
    const columns = Array.from({ length: 10 }, (_, i) => {
      const reference = bell(400, 0, 1000 * i);
      const profile = profileOf({ x: reference }).columns[0]!;
      const window = bell(300, i === 0 ? 0.35 : 0, 1000 * i + 40_000);
      return { name: `c${i}`, role: 'feature' as const, profile, reference, window };
    });
    const [hochberg, yekutieli] = (['benjamini-hochberg', 'benjamini-yekutieli'] as const).map((adjustment) =>
      judge({ columns, policy: { adjustment } }),
    );
    columns.forEach((_, i) => {
      const [q, stricter] = [hochberg!.columns[i]!.q!, yekutieli!.columns[i]!.q!];
      expect(stricter).toBeCloseTo(Math.min(1, q * 2.9289682539682538), 12);
    });
  });
});
