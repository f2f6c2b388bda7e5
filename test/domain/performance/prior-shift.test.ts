import { describe, expect, it } from 'vitest';
import { defaultConfig } from '../../../src/domain/configuration/config.ts';
import { labelDistribution } from '../../../src/domain/outcome/label-distribution.ts';
import { judgePriors } from '../../../src/domain/performance/prior-shift.ts';

const config = defaultConfig({ task: 'binary', roles: { ignore: [] } });
const labels = (counts: Record<string, number>) =>
  Object.entries(counts).flatMap(([label, count]) => Array.from({ length: count }, () => label));
const classes = (counts: Record<string, number>, like: Record<string, number> | null = null) =>
  labelDistribution('binary', labels(counts), like && labelDistribution('binary', labels(like), null));

describe('label distributions', () => {
  it('count classes in the cells of the reference, what it lacks as others', () => {
    expect(classes({ no: 5, yes: 7, maybe: 2 }, { yes: 3, no: 4 }).counts).toEqual([
      { label: 'no', count: 5 },
      { label: 'yes', count: 7 },
      { label: '(others)', count: 2 },
    ]);
    const many = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`c${i}`, 60 - i]));
    const { counts } = classes(many);
    expect(counts).toHaveLength(51);
    expect(counts.reduce((sum, { count }) => sum + count, 0)).toBe((60 * 61) / 2);
  });

  it('count numbers between the deciles of the reference', () => {
    const reference = labelDistribution(
      'regression',
      Array.from({ length: 100 }, (_, i) => String(i)),
      null,
    );
    expect(reference.edges).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90]);
    const window = labelDistribution('regression', ['-5', '10', '1000', 'x'], reference);
    expect(window.counts.map(({ count }) => count)).toEqual([1, 1, 0, 0, 0, 0, 0, 0, 0, 1]);
    expect(window.counts[0]?.label).toBe('below 10');
    expect(labelDistribution('regression', ['3', '3', '3'], null).edges).toEqual([3]);
  });
});

describe('judgePriors', () => {
  const reference = { yes: 3000, no: 7000 };
  const judge = (counts: Record<string, number>) => judgePriors(classes(counts, reference), classes(reference), config);

  it('calls a share that moved far and surely a drift, and nothing else', () => {
    expect(judge({ yes: 700, no: 300 })).toMatchObject({ verdict: 'drift' });
    expect(judge({ yes: 310, no: 690 })).toMatchObject({ verdict: 'no_drift' });
    // Sure, but small.
    expect(judge({ yes: 34_000, no: 66_000 })).toMatchObject({ verdict: 'no_drift' });
    expect(judge({ yes: 30, no: 10 })).toMatchObject({ verdict: 'insufficient_data' });
  });

  it('sees a class that the reference never had', () => {
    const found = judge({ yes: 280, no: 620, maybe: 100 });
    expect(found.verdict).toBe('drift');
    expect(found.cells).toContainEqual({ label: '(others)', reference: 0, window: 100 });
  });

  it('has nothing to say where all labels are alike', () => {
    const alike = labelDistribution('regression', labels({ '3': 100 }), null);
    expect(judgePriors(alike, alike, config)).toMatchObject({ verdict: 'no_drift', p: null });
  });
});
