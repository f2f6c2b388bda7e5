import { describe, expect, it } from 'vitest';
import type { Column } from '../../../src/stats/column.ts';
import { jensenShannonDistance } from '../../../src/stats/distances/jensen-shannon.ts';
import { psi } from '../../../src/stats/distances/psi.ts';
import { chiSquareContingency } from '../../../src/stats/hypothesis-tests/chi-square-contingency.ts';
import { kolmogorovSmirnov } from '../../../src/stats/hypothesis-tests/kolmogorov-smirnov.ts';
import { DEFAULT_POLICY, judge } from '../../../src/stats/verdict/judge.ts';
import type { ColumnJudgement, ColumnRole, Finding, JudgeColumn } from '../../../src/stats/verdict/judgement.ts';
import { MEASURES, type MeasureName } from '../../../src/stats/verdict/measures.ts';
import { numbers, profileOf, texts, times, vectors } from '../columns.ts';
import { filled, REFERENCE, relativeError, sample, weyl } from '../samples.ts';

type Options = { readonly role?: ColumnRole; readonly asCategory?: boolean; readonly name?: string };

function pair(reference: Column, window: Column | null, options: Options = {}): JudgeColumn {
  const { name = 'x', role = 'feature', asCategory = false } = options;
  return { name, role, profile: profileOf({ [name]: reference }).columns[0]!, reference, window, asCategory };
}

function one(column: JudgeColumn, policy = {}): ColumnJudgement {
  return judge({ columns: [column], policy }).columns[0]!;
}

function found(column: ColumnJudgement, measure: MeasureName): Finding {
  const finding = column.findings.find((candidate) => candidate.measure === measure);
  if (finding === undefined) throw new Error(`no ${measure}`);
  return finding;
}

/** Evenly spread normal-like values (a sum of uniforms), different for each seed. */
function bell(n: number, seed: number, shift = 0): number[] {
  return Array.from({ length: n }, (_, i) => {
    let sum = 0;
    for (let k = 1; k <= 6; k++) sum += weyl((i + 1) * (seed + 2 * k) + k, Math.sqrt(k + 1.5) * Math.SQRT1_2);
    return (sum - 3) * Math.SQRT2 + shift;
  });
}

/** Pseudo-random uniforms (mulberry32), for rates over many trials. */
function generator(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function draw(n: number, of: () => number): number[] {
  return Array.from({ length: n }, of);
}

describe('the policy where nothing is said', () => {
  it('allows one false discovery in twenty, takes fifty rows, and lets one column decide', () => {
    expect(DEFAULT_POLICY).toEqual({
      method: 'judge@5',
      alpha: 1 / 20,
      minimumRows: 50,
      limits: {},
      measures: null,
      tableMeasures: [],
      slices: false,
      adjustment: 'benjamini-hochberg',
      minimumDriftedColumns: 1,
      minimumDriftedShare: 0,
    });
    for (const part of [DEFAULT_POLICY, DEFAULT_POLICY.limits, DEFAULT_POLICY.tableMeasures])
      expect(Object.isFrozen(part)).toBe(true);
  });
});

describe('judge, a column of numbers', () => {
  it('has SciPy’s numbers in its findings', () => {
    for (const row of REFERENCE.pairs.filter(({ x, y }) => x.n >= 200 && y.n >= 110)) {
      const [x, y] = [sample(row.x), sample(row.y)];
      const column = one(pair(numbers(Array.from(x)), numbers(Array.from(y))));
      const ks = found(column, 'ks/two-sided@1');
      expect(ks.value).toBe(row.ks.d);
      expect(relativeError(ks.p ?? 0, row.ks.p)).toBeLessThan(1e-12);
      expect(relativeError(found(column, 'wasserstein/reference-std@1').value ?? 0, row.wassersteinStd)).toBeLessThan(
        1e-11,
      );
    }
  });

  it('finds a shift, says what moved, how much and how surprising', () => {
    const column = one(pair(numbers(bell(2000, 1)), numbers(bell(1000, 5, 0.5))));
    expect(column).toMatchObject({
      verdict: 'drift',
      kind: 'number',
      effect: { measure: 'wasserstein/reference-std@1', limit: 0.1 },
    });
    expect(column.effect?.value).toBeGreaterThan(0.4);
    expect(column.q).toBeLessThan(1e-10);
    expect(column.why).toMatch(/^Wasserstein distance 0\.\d+ is above its limit 0\.1, and q = \S+ is below 0\.05\.$/);
    expect(found(column, 'combined_ranks/cauchy@1').q).toBe(column.q);
    // Shown beside the test that decides.
    expect(found(column, 'ks/two-sided@1').q).toBeNull();
    const before = one(pair(numbers(bell(2000, 1)), numbers(bell(1000, 5, 0.5))), { method: 'judge@1' });
    expect(found(before, 'ks/two-sided@1').q).toBe(before.q);
  });

  it('does not call a change drift that is certain but too small to matter', () => {
    const column = one(pair(numbers(bell(40_000, 1)), numbers(bell(40_000, 1, 0.05))));
    expect(column.q).toBeLessThan(0.05);
    expect(column.verdict).toBe('no_drift');
    expect(column.why).toMatch(/below its limit 0\.1, although q = /);
    expect(
      one(pair(numbers(bell(40_000, 1)), numbers(bell(40_000, 1, 0.05))), {
        limits: { 'wasserstein/reference-std@1': 0.02 },
      }).verdict,
    ).toBe('drift');
  });

  it('does not call a large distance drift that chance gives at these sizes', () => {
    const rnd = generator(7);
    let large = 0;
    let drifted = 0;
    for (let t = 0; t < 100; t++) {
      const column = one(pair(numbers(draw(60, rnd)), numbers(draw(60, rnd))));
      if (found(column, 'js_distance/base2/reference-edges@2').value! > 0.1) large++;
      if (column.verdict === 'drift') drifted++;
    }
    expect(large).toBeGreaterThan(95);
    expect(drifted).toBeLessThanOrEqual(8);
  });

  it('bins both sides on the reference’s stored edges, missing and out of range apart', () => {
    const reference = numbers([...sample({ n: 500 }), null, Number.NaN]);
    const window = numbers([
      ...sample({ n: 300, plastic: true }),
      -1,
      7,
      8,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      null,
    ]);
    const judged = pair(reference, window);
    const column = one(judged);
    expect(column.counts.reference).toEqual({ rows: 502, nulls: 1, nan: 1, unseen: 0, below: 0, above: 0 });
    expect(column.counts.window).toMatchObject({
      rows: 306,
      nulls: 1,
      nan: 0,
      below: expect.any(Number),
      above: expect.any(Number),
    });
    expect(column.bins.map(({ kind }) => kind)).toEqual(['below', ...filled(20, 'range'), 'above', 'missing']);
    const profile = judged.profile;
    if (profile.kind !== 'number') throw new Error('not numbers');
    expect(column.bins.slice(1, 21).map((bin) => bin.reference)).toEqual(profile.bins?.counts);
    expect(column.bins.slice(1, 21).map((bin) => bin.lower)).toEqual(profile.bins?.edges.slice(0, 20));
    const [r, w] = [column.bins.map((bin) => bin.reference), column.bins.map((bin) => bin.window)];
    expect(r.reduce((a, b) => a + b)).toBe(502);
    expect(w.reduce((a, b) => a + b)).toBe(306);
    expect(found(column, 'psi/reference-edges@1').value).toBe(psi(r, w));
    expect(found(column, 'js_distance/base2/reference-edges@2').value).toBe(jensenShannonDistance(r, w));
  });

  it('sees missing values come and go', () => {
    const values = bell(1000, 1);
    const holes = (share: number) => values.map((v, i) => (weyl(i, 0.618) < share ? null : v));
    const column = one(pair(numbers(holes(0.02)), numbers(holes(0.12))));
    expect(column.verdict).toBe('drift');
    const missing = found(column, 'missing_share/difference@1');
    expect(missing.value).toBeCloseTo(0.1, 2);
    expect(missing.q).toBe(column.q);
    expect(column.p).toBe(Math.min(1, 2 * Math.min(missing.p!, found(column, 'ks/two-sided@1').p!)));
    const gone = one(pair(numbers(values), texts(filled(200, null))));
    expect(gone).toMatchObject({ verdict: 'drift', kind: 'number' });
    expect(found(gone, 'ks/two-sided@1')).toMatchObject({ value: null, reason: 'the window has no usable values' });
    expect(found(gone, 'missing_share/difference@1').value).toBe(1);
    const nan = one(pair(numbers(values), numbers(values.map((v, i) => (i % 4 === 0 ? Number.NaN : v)))));
    expect(nan.verdict).toBe('drift');
    expect(nan.counts.window).toMatchObject({ nulls: 0, nan: 250 });
  });

  it('handles constants', () => {
    const constant = (v: number) => numbers(filled(100, v));
    expect(one(pair(constant(3), constant(3)))).toMatchObject({ verdict: 'no_drift', p: 1 });
    const moved = one(pair(constant(3), constant(4)));
    expect(moved.verdict).toBe('drift');
    expect(found(moved, 'wasserstein/reference-std@1')).toMatchObject({
      value: null,
      reason: 'the reference is constant',
    });
    expect(found(moved, 'js_distance/base2/reference-edges@2').value).toBe(1);
  });

  it('says of missing values that went that they fell, not that a negative number is above a limit', () => {
    const values = bell(1000, 1);
    const holes = (every: number) => values.map((v, i) => (i % every === 0 ? null : v));
    const fallen = one(pair(numbers(holes(2)), numbers(values)));
    expect(fallen.why).toMatch(/^Change of the missing share -0\.5 is a fall by more than its limit 0\.05, and q = /);
    const risen = one(pair(numbers(values), numbers(holes(2))));
    expect(risen.why).toMatch(/^Change of the missing share 0\.5 is above its limit 0\.05, and q = /);
  });

  it('handles columns of nulls only', () => {
    const nulls = numbers(filled(100, null));
    expect(one(pair(nulls, nulls))).toMatchObject({ verdict: 'insufficient_data', p: 1 });
    expect(one(pair(nulls, numbers(bell(100, 1)))).verdict).toBe('drift');
  });

  it('can take codes as categories', () => {
    const codes = (n: number, split: number) =>
      numbers(
        Array.from({ length: n }, (_, i) => (weyl(i, 0.618) < split ? 1 : 9)),
        'int64',
      );
    const column = one(pair(codes(500, 0.5), codes(400, 0.8), { asCategory: true }));
    expect(column).toMatchObject({ kind: 'category', verdict: 'drift' });
    expect(column.bins.map(({ label }) => label).sort()).toEqual(['1', '9', 'missing', 'unseen']);
  });
});

describe('judge, a column of texts', () => {
  const deal = (counts: Readonly<Record<string, number>>) =>
    texts(Object.entries(counts).flatMap(([value, count]) => filled(count, value)));
  const B = [deal({ a: 420, b: 310, c: 180, d: 70, e: 20 }), deal({ a: 300, b: 270, c: 140, d: 60, f: 30 })] as const;

  it('has the published values of set B, the unseen text as a cell of its own', () => {
    const column = one(pair(...B));
    const chiSquare = found(column, 'chi_square/contingency@1');
    expect(chiSquare.value).toBeCloseTo(57.00944960212202, 10);
    expect(chiSquare.parameters).toEqual({ df: 5, cells: 6, pooled: 0, yates: false });
    expect(relativeError(chiSquare.p ?? 0, 5.03432796e-11)).toBeLessThan(1e-8);
    expect(found(column, 'js_distance/base2/reference-edges@2').value).toBeCloseTo(0.173718632739139, 12);
    expect(found(column, 'l_infinity/shares@2')).toMatchObject({
      value: expect.closeTo(0.045, 12),
      parameters: { label: 'a' },
    });
    expect(column).toMatchObject({ verdict: 'drift', kind: 'category', p: chiSquare.p, q: chiSquare.p });
    expect(column.counts.window).toMatchObject({ unseen: 30, nulls: 0 });
    expect(column.bins.map(({ label }) => label)).toEqual(['a', 'b', 'c', 'd', 'e', 'unseen', 'missing']);
  });

  it('keeps what the whole reference holds apart from unseen, though its sample does not', () => {
    const whole = profileOf({ x: deal({ a: 500, b: 400, rare: 1 }) }).columns[0]!;
    const column = one({ ...pair(deal({ a: 50, b: 40 }), deal({ a: 50, b: 40, rare: 2, new: 3 })), profile: whole });
    expect(column.counts.window.unseen).toBe(3);
    expect(column.bins).toContainEqual(
      expect.objectContaining({ kind: 'value', label: 'rare', reference: 0, window: 2 }),
    );
  });

  it('counts missing as a cell', () => {
    const reference = texts(Array.from({ length: 400 }, (_, i) => (i % 2 ? 'a' : 'b')));
    const window = texts(Array.from({ length: 400 }, (_, i) => (i % 5 === 0 ? null : i % 2 ? 'a' : 'b')));
    const column = one(pair(reference, window));
    expect(column.verdict).toBe('drift');
    expect(found(column, 'chi_square/contingency@1').p).toBe(chiSquareContingency([200, 200, 0], [160, 160, 80])?.p);
    expect(found(column, 'missing_share/difference@1').value).toBeCloseTo(0.2, 12);
  });

  it('does not compare identifiers', () => {
    const ids = (k: number) => texts(Array.from({ length: 300 }, (_, i) => `${k}-${i}`));
    expect(one(pair(ids(1), ids(2)))).toMatchObject({
      verdict: 'not_comparable',
      why: expect.stringContaining('identifiers'),
    });
  });

  it('has no test for one value on both sides, and no drift', () => {
    const column = one(pair(deal({ a: 100 }), deal({ a: 90 })));
    expect(column).toMatchObject({ verdict: 'no_drift', p: 1 });
    expect(found(column, 'chi_square/contingency@1').reason).toBe('every row has the same value');
  });

  it('compares booleans', () => {
    const flags = (share: number) =>
      texts(
        Array.from({ length: 500 }, (_, i) => (weyl(i, 0.618) < share ? 'true' : 'false')),
        'boolean',
      );
    expect(one(pair(flags(0.2), flags(0.5))).verdict).toBe('drift');
    expect(one(pair(flags(0.2), flags(0.21))).verdict).toBe('no_drift');
  });
});

describe('judge, as a whole', () => {
  it('says when there are too few rows', () => {
    const column = one(pair(numbers(bell(1000, 1)), numbers(bell(49, 3, 5))));
    expect(column).toMatchObject({ verdict: 'insufficient_data', q: null });
    expect(column.why).toBe(
      'The window has 49 rows; at least 50 are needed on each side. To tell a Wasserstein distance as small as its limit 0.1 from chance takes about 1700 values of each side.',
    );
    expect(one(pair(numbers(bell(1000, 1)), numbers([]))).verdict).toBe('insufficient_data');
    const { dataset } = judge({ columns: [pair(numbers(bell(9, 1)), numbers(bell(9, 3)))] });
    expect(dataset).toMatchObject({ verdict: 'insufficient_data', judged: 0, insufficient: 1, share: 0 });
  });

  it('does not compare times, other kinds, absent columns or segments', () => {
    const clock = times(Array.from({ length: 100 }, (_, i) => i));
    const some = numbers(bell(100, 1));
    const words = texts(filled(100, 'a'));
    const { columns, dataset } = judge({
      columns: [
        pair(clock, clock, { name: 'a' }),
        pair(some, words, { name: 'b' }),
        pair(some, null, { name: 'c' }),
        pair(words, texts(filled(100, 'b')), { name: 'd', role: 'segment' }),
        pair(some, some, { name: 'e' }),
      ],
    });
    expect(columns.map(({ verdict }) => verdict)).toEqual([...filled(4, 'not_comparable'), 'no_drift']);
    expect(columns[1]?.why).toBe('The reference holds float64, the window text.');
    expect(columns[2]?.why).toBe('The window has no such column.');
    expect(dataset).toMatchObject({ verdict: 'no_drift', judged: 1, notComparable: 4, drifted: 0 });
  });

  it('does not judge a column that predictions began without, until one holds it', () => {
    const some = texts(filled(100, 'a'));
    const none = texts(filled(100, null));
    const verdicts = (unlogged: boolean, window: Column) =>
      judge({ columns: [{ ...pair(some, window, { name: 'label' }), unlogged }] }).columns.map(
        ({ verdict }) => verdict,
      );
    expect(verdicts(true, none)).toEqual(['not_comparable']);
    expect(verdicts(false, none)).toEqual(['drift']);
    expect(verdicts(true, texts([...filled(99, null), 'a']))).toEqual(['drift']);
  });

  it('adjusts p-values over the judged columns', () => {
    const columns = [1, 3, 5, 7].map((seed) =>
      pair(numbers(bell(500, 1)), numbers(bell(400, seed, seed / 40)), { name: `c${seed}` }),
    );
    const judgement = judge({ columns });
    const ps = judgement.columns.map(({ p }) => p!);
    judgement.columns.forEach(({ p, q }) => {
      expect(q).toBeGreaterThanOrEqual(p!);
      expect(q).toBeLessThanOrEqual(Math.min(1, 4 * p!));
    });
    expect(judgement.columns[ps.indexOf(Math.max(...ps))]?.q).toBe(Math.max(...ps));
  });

  it('follows the policy on how many columns make a dataset drift', () => {
    const columns = [
      pair(numbers(bell(500, 1)), numbers(bell(500, 3, 2)), { name: 'moved' }),
      pair(numbers(bell(500, 1)), numbers(bell(500, 1)), { name: 'same' }),
    ];
    expect(judge({ columns }).dataset).toEqual({
      verdict: 'drift',
      drifted: 1,
      judged: 2,
      insufficient: 0,
      notComparable: 0,
      share: 0.5,
      needed: { columns: 1, reference: 2067, window: 2067 },
      why: 'Of 2 columns, 1 drifted (moved).',
      reasons: ['columns'],
    });
    expect(judge({ columns, policy: { minimumDriftedColumns: 2 } }).dataset.verdict).toBe('no_drift');
    expect(judge({ columns, policy: { minimumDriftedShare: 0.6 } }).dataset.why).toMatch(
      /fewer than the policy asks for/,
    );
  });

  it('is deterministic, does not touch its input, and is plain JSON', () => {
    const columns = [
      pair(numbers(bell(300, 1)), numbers(bell(200, 3))),
      pair(texts(['a', 'b']), texts(['c']), { name: 't' }),
    ];
    const before = structuredClone(columns);
    const judgement = judge({ columns });
    expect(columns).toEqual(before);
    expect(judge({ columns })).toEqual(judgement);
    expect(JSON.parse(JSON.stringify(judgement))).toEqual(judgement);
    expect(judgement.policy).toEqual(DEFAULT_POLICY);
  });

  it('does not depend on the order of the rows', () => {
    const window = bell(400, 3, 0.1);
    const shuffled = window.map((_, i) => window[(i * 171) % 400]!);
    const reference = numbers(bell(500, 1));
    expect(one(pair(reference, numbers(shuffled)))).toEqual(one(pair(reference, numbers(window))));
    const words = Array.from({ length: 400 }, (_, i) => `w${i % 7}`);
    expect(one(pair(texts(words), texts([...words].reverse())))).toEqual(one(pair(texts(words), texts(words))));
  });

  it('alarms rarely without drift, on every kind of column, and sees half a deviation', () => {
    const rnd = generator(1);
    const normal = () => Math.sqrt(-2 * Math.log(1 - rnd())) * Math.cos(2 * Math.PI * rnd());
    let alarms = 0;
    let seen = 0;
    const trials = 40;
    for (let t = 0; t < trials; t++) {
      const kinds: [string, (n: number) => Column][] = [
        ['normal', (n) => numbers(draw(n, normal))],
        ['skewed', (n) => numbers(draw(n, () => Math.exp(normal())))],
        ['zeros', (n) => numbers(draw(n, () => (rnd() < 0.4 ? 0 : Math.exp(normal()))))],
        ['holes', (n) => numbers(draw(n, normal).map((v) => (rnd() < 0.1 ? null : v)))],
        ['few', (n) => texts(draw(n, rnd).map((u) => `v${Math.floor(5 * u * u)}`))],
        ['many', (n) => texts(draw(n, rnd).map((u) => `v${Math.floor(200 * u)}`))],
      ];
      const healthy = kinds.map(([name, of]) => pair(of(2000), of(300), { name }));
      if (judge({ columns: healthy }).dataset.verdict === 'drift') alarms++;
      const moved = pair(numbers(draw(2000, normal)), numbers(draw(300, () => normal() + 0.5)), { name: 'moved' });
      if (judge({ columns: [...healthy, moved] }).columns[6]?.verdict === 'drift') seen++;
    }
    expect(alarms).toBeLessThanOrEqual(4);
    expect(seen).toBe(trials);
  });
});

const EMBEDDED = bell(100, 1).map((v, i) => [v, i]);

describe('MEASURES', () => {
  it('describes every measure once; standard ones are made unless others are chosen', () => {
    expect(Object.isFrozen(MEASURES)).toBe(true);
    const standard = Object.entries(MEASURES).filter(([, measure]) => measure.standard);
    const used = [
      one(pair(numbers(bell(100, 1)), numbers(bell(100, 3)))),
      one(pair(texts(['a', 'b']), texts(['a', 'b']))),
      one(pair(vectors(EMBEDDED, 2), vectors(EMBEDDED, 2))),
    ].flatMap(({ findings }) => findings.map(({ measure }) => measure));
    expect(new Set(used)).toEqual(new Set(standard.map(([name]) => name)));
    for (const [name, measure] of Object.entries(MEASURES)) {
      expect(name).toMatch(/^[a-z_0-9]+(\/[a-z0-9-]+)+@\d+$/);
      if (measure.use === 'test') expect(measure.defaultLimit).toBeNull();
      if (measure.use === 'effect') expect(measure.defaultLimit).toBeGreaterThan(0);
    }
  });

  it('has a KS finding on sorted data equal to the test itself', () => {
    const [x, y] = [Float64Array.from(bell(60, 1)).sort(), Float64Array.from(bell(70, 3)).sort()];
    const finding = found(one(pair(numbers(Array.from(x)), numbers(Array.from(y)))), 'ks/two-sided@1');
    expect(finding.p).toBe(kolmogorovSmirnov(x, y).p);
  });
});

describe('judge, where columns have weights', () => {
  const columns = [
    pair(numbers(bell(1000, 1)), numbers(bell(1000, 3, 1)), { name: 'moved' }),
    pair(numbers(bell(1000, 1)), numbers(bell(1000, 5)), { name: 'a' }),
    pair(numbers(bell(1000, 1)), numbers(bell(1000, 7)), { name: 'b' }),
  ];

  it('shows what has none, and lets it decide nothing', () => {
    const { columns: judged, dataset } = judge({ columns, policy: { weights: { moved: 0 } } });
    expect(judged[0]).toMatchObject({ verdict: 'drift', weight: 0 });
    expect(judged[0]?.why).toMatch(/Its weight is 0, so it decides nothing\.$/);
    expect(dataset).toMatchObject({ verdict: 'no_drift', drifted: 0, judged: 2, share: 0 });
    expect(dataset.why).toBe('Of 2 columns, none drifted. 1 column of weight 0 decided nothing.');
    const none = judge({ columns, policy: { weights: { moved: 0, a: 0, b: 0 } } }).dataset;
    expect(none).toMatchObject({ verdict: 'insufficient_data', why: 'Every column has weight 0.' });
  });

  it('asks for a share of the weight', () => {
    const share = (weights: Record<string, number>, minimumDriftedShare = 0.5) =>
      judge({ columns, policy: { weights, minimumDriftedShare } }).dataset;
    expect(share({})).toMatchObject({ verdict: 'no_drift', share: 1 / 3 });
    expect(share({ moved: 3 })).toMatchObject({ verdict: 'drift', share: 0.6 });
    expect(judge({ columns }).columns[0]).not.toHaveProperty('weight');
  });
});

describe('judge, where few rows have a value', () => {
  /** `values`, and rows without one up to so many. */
  const sparse = (values: readonly number[], rows: number): Column =>
    numbers(
      Array.from({ length: rows }, (_, i) =>
        i % Math.floor(rows / values.length) === 0 ? (values[i / Math.floor(rows / values.length)] ?? null) : null,
      ),
    );

  it('says that they are too few, and how many would do', () => {
    const columns = [
      pair(sparse([1, 2, 3], 999), sparse([51, 52, 53], 999), { name: 'rare' }),
      pair(texts([...filled(996, null), 'a', 'b', 'c']), texts([...filled(996, null), 'd', 'e', 'f']), {
        name: 'word',
      }),
      pair(numbers(bell(1000, 1)), numbers(bell(1000, 1)), { name: 'full' }),
    ];
    const { columns: judged, dataset } = judge({ columns });
    expect(judged.map(({ verdict }) => verdict)).toEqual(['insufficient_data', 'insufficient_data', 'no_drift']);
    expect(judged[0]?.why).toMatch(
      /^The window has 3 values; at least 50 are needed on each side\. To tell a Wasserstein distance as small as its limit 0\.1 from chance takes about 2\d00 values of each side\.$/,
    );
    expect(dataset).toMatchObject({ verdict: 'no_drift', judged: 1, insufficient: 2 });
    // What was judged before is judged as it was.
    const before = judge({ columns, policy: { method: 'judge@2' } });
    expect(before.columns.map(({ verdict }) => verdict)).toEqual(['no_drift', 'no_drift', 'no_drift']);
    expect(before.columns[0]).not.toHaveProperty('needed');
    expect(before.dataset).not.toHaveProperty('needed');
  });

  it('still finds that values went missing', () => {
    const gone = one(pair(numbers(bell(1000, 1)), sparse([1, 2, 3], 999)));
    expect(gone).toMatchObject({ verdict: 'drift', effect: { measure: 'missing_share/difference@1' } });
    const words = one(pair(texts(filled(1000, 'a')), texts([...filled(990, null), ...filled(10, 'a')])));
    expect(words).toMatchObject({ verdict: 'drift', effect: { measure: 'missing_share/difference@1' } });
    expect(words.p).toBe(found(words, 'missing_share/difference@1').p);
  });

  it('needs nothing where a limit can be seen', () => {
    const { columns, dataset } = judge({ columns: [pair(numbers(bell(20_000, 1)), numbers(bell(20_000, 3)))] });
    expect(columns[0]?.needed).toBeNull();
    expect(dataset.needed).toBeNull();
  });
});
