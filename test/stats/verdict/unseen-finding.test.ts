import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY, judge } from '../../../src/stats/verdict/judge.ts';
import type { ColumnJudgement, JudgePolicy } from '../../../src/stats/verdict/judgement.ts';
import { describeUnseen, unseenFinding } from '../../../src/stats/verdict/unseen-finding.ts';
import { profileOf, texts } from '../columns.ts';

const UNSEEN = 'unseen_share/difference@1';

type Counts = Readonly<Record<string, number>>;

const rows = (counts: Counts, nulls = 0) =>
  texts([
    ...Object.entries(counts).flatMap(([text, n]) => Array.from({ length: n }, () => text)),
    ...Array.from({ length: nulls }, () => null),
  ]);

function judged(reference: ReturnType<typeof texts>, window: typeof reference, policy: Partial<JudgePolicy> = {}) {
  const column = { name: 'x', role: 'feature', profile: profileOf({ x: reference }).columns[0]!, reference, window };
  return judge({ columns: [{ ...column, role: 'feature' }], policy }).columns[0]!;
}

const found = ({ findings }: ColumnJudgement) => findings.find(({ measure }) => measure === UNSEEN);

describe('unseen values of a column of texts', () => {
  const reference = rows({ Berlin: 600, Rome: 399, Oslo: 1 });

  it('are counted against those that have a value, less what is expected, and named by their share', () => {
    const window = rows({ Berlin: 576, Rome: 364, Lisbon: 41, Porto: 10, Faro: 5, Evora: 4 }, 3);
    const finding = found(judged(reference, window));
    expect(finding).toMatchObject({
      value: expect.closeTo(0.06 - 0.001, 12),
      direction: 'higher',
      limit: 0.02,
      parameters: {
        ...{ share: 0.06, expected: 0.001, values: 4, unseen: 60, once: 1, twice: 0, n: 1000, m: 1000 },
        ...{
          first: 'Lisbon',
          first_share: 0.041,
          second: 'Porto',
          second_share: 0.01,
          third: 'Faro',
          third_share: 0.005,
        },
      },
    });
    expect(finding?.p).toBeLessThan(1e-10);
    expect(describeUnseen(finding!)).toBe(
      '4 values that the reference does not have, in 6 % of the rows with a value, where 0.1 % are expected: "Lisbon" 4.1 %, "Porto" 1 %, "Faro" 0.5 % and others',
    );
  });

  it('are drift where they are many, and said in its reason', () => {
    const window = rows({ Berlin: 580, Rome: 390, Lisbon: 30 });
    const column = judged(reference, window);
    expect(column).toMatchObject({ verdict: 'drift', effect: { measure: UNSEEN } });
    expect(column.why).toMatch(
      /^Share of unseen values 0.029 is above its limit 0.02, and q = \S+ is below 0.05\. 1 value/,
    );
    expect(column.why).toMatch(
      / that the reference does not have, in 3 % of the rows with a value, where 0.1 % are expected: "Lisbon" 3 %\.$/,
    );
    // Without it, as before, one in fifty of the rows is less than the distance takes for much.
    const before = judged(rows({ a: 500, b: 500 }), rows({ a: 490, b: 487, c: 23 }), { method: 'judge@4' });
    expect(found(before)).toBeUndefined();
  });

  it('are no drift where they are few, where chance gives as many, or where every value is rare', () => {
    expect(found(judged(reference, rows({ Berlin: 600, Rome: 390, Lisbon: 10 })))?.value).toBeLessThan(0.02);
    const few = judged(reference, rows({ Berlin: 30, Rome: 19, Lisbon: 1 }));
    expect(few.verdict).toBe('no_drift');
    expect(found(few)).toMatchObject({ null95: 0.02 });
    const rare = (from: number, many: number) =>
      texts(Array.from({ length: 3 * many }, (_, i) => (i < many ? `new ${from + i}` : `often ${i % 7}`)));
    const third = judged(rare(0, 1000), rare(1000, 300));
    expect(found(third)).toMatchObject({ value: 0, parameters: { share: expect.closeTo(1 / 3, 12), values: 300 } });
    expect(third.verdict).toBe('no_drift');
  });

  it('are not looked for where no text can be new, and without one there is nothing to tell', () => {
    const flags = (count: number) =>
      texts(
        Array.from({ length: 100 }, (_, i) => String(i < count)),
        'boolean',
      );
    const column = { name: 'x', role: 'feature', profile: profileOf({ x: flags(50) }).columns[0]! } as const;
    const made = judge({ columns: [{ ...column, reference: flags(50), window: flags(60) }] }).columns[0]!;
    expect(found(made)).toBeUndefined();
    expect(describeUnseen(found(judged(reference, reference))!)).toBeNull();
    expect(describeUnseen({ measure: 'psi/reference-edges@1', parameters: {} })).toBeNull();
  });

  it('say why there are none where a side has no text', () => {
    const cells = (r: number[], w: number[]) => ({ labels: ['a', 'missing'], r, w });
    expect(unseenFinding(cells([0, 9], [5, 0]), DEFAULT_POLICY).reason).toBe('the reference has no usable values');
    expect(unseenFinding(cells([9, 0], [0, 5]), DEFAULT_POLICY).reason).toBe('the window has no usable values');
  });

  it('name long texts by their beginning', () => {
    const long = '𝒳'.repeat(80);
    const { parameters } = unseenFinding(
      { labels: ['a', long, 'missing'], r: [9, 0, 0], w: [5, 4, 0] },
      DEFAULT_POLICY,
    );
    expect(parameters['first']).toBe(`${'𝒳'.repeat(49)}…`);
  });
});
