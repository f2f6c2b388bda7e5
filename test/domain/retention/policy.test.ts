import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeVersions, type PolicyVersion, type RetentionPolicy } from '../../../src/domain/retention/policy.ts';

const NOW = new Date('2026-06-30T12:00:00Z');
const HOUR = 3_600_000;

/** Versions newest first, made so many hours ago. */
const made = (...hoursAgo: number[]): PolicyVersion[] =>
  hoursAgo.map((hours, i) => ({
    id: 100 - i,
    number: hoursAgo.length - i,
    oid: String(i).repeat(32),
    createdAt: new Date(NOW.getTime() - hours * HOUR),
    gitRev: null,
    reasons: [],
  }));

const kept = (versions: readonly PolicyVersion[], policy: RetentionPolicy): number[] => {
  const verdicts = judgeVersions(versions, policy, NOW);
  return versions.filter(({ id }) => (verdicts.get(id) ?? []).length > 0).map(({ number }) => number);
};

describe('a policy', () => {
  it('that says nothing keeps the newest alone', () => {
    expect(kept(made(1, 2, 3), {})).toEqual([3]);
    expect(kept([], {})).toEqual([]);
  });

  it('keeps the last so many, those within a time, and one a day', () => {
    const versions = made(1, 2, 26, 27, 50, 200);
    expect(kept(versions, { last: 2 })).toEqual([6, 5]);
    expect(kept(versions, { withinSeconds: 26 * 3600 })).toEqual([6, 5, 4]);
    // 12:00 of the 30th: 11:00 and 10:00 are its own, 26 and 27 hours ago the 29th, 50 the 28th, 200 the 22nd.
    expect(kept(versions, { daily: 3 })).toEqual([6, 4, 2]);
    expect(kept(versions, { daily: 100 })).toEqual([6, 4, 2, 1]);
  });

  it('counts days in UTC', () => {
    // 23:30 and 00:30 of the next day.
    expect(kept(made(12 - 0.5, 12.5), { daily: 2 })).toEqual([2, 1]);
  });

  it('keeps what is needed elsewhere whatever it says, and says what for', () => {
    const versions = made(1, 2, 3).map((version) =>
      version.number === 1 ? { ...version, reasons: [{ code: 'model' as const, detail: 'churn/3' }] } : version,
    );
    expect(kept(versions, { tags: [] })).toEqual([3, 1]);
    expect(judgeVersions(versions, {}, NOW).get(98)).toEqual([{ code: 'model', detail: 'churn/3' }]);
  });

  it('keeps by tags: all of them, or those that match', () => {
    const versions = made(1, 2, 3, 4).map((version) => ({
      ...version,
      reasons: [{ code: 'tag' as const, detail: ['prod', 'prod-eu', 'tmp', 'x'][4 - version.number] ?? '' }],
    }));
    expect(kept(versions, {})).toEqual([4, 3, 2, 1]);
    expect(kept(versions, { tags: ['prod*'] })).toEqual([4, 3]);
    expect(kept(versions, { tags: ['*'] })).toEqual([4, 3, 2, 1]);
    expect(kept(versions, { tags: ['*m*', 'x'] })).toEqual([4, 2, 1]);
    expect(kept(versions, { tags: ['pro'] })).toEqual([4]);
  });

  it('keeps what a commit or a pointer in a repository names', () => {
    const rev = 'abcdef0123456789abcdef0123456789abcdef01';
    const versions = made(1, 2, 3, 4).map((v) => (v.number === 2 ? { ...v, gitRev: rev } : v));
    expect(kept(versions, { gitRevs: ['ABCDEF01'] })).toEqual([4, 2]);
    expect(kept(versions, { gitRevs: ['bcdef01'] })).toEqual([4]);
    expect(kept(versions, { oids: [{ oid: '3'.repeat(32), why: 'main: data.dvc' }] })).toEqual([4, 1]);
  });

  it('matches patterns as an expression would, in linear time', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
    fc.assert(
      fc.property(
        word.map((text) => text.replaceAll('*', '')),
        word,
        (tag, pattern) => {
          const [first] = made(2, 3);
          const versions = made(1, 2).map((v) =>
            v.number === 1 ? { ...v, reasons: [{ code: 'tag' as const, detail: tag }] } : v,
          );
          expect(first).toBeDefined();
          const wanted = new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(tag);
          expect(kept(versions, { tags: [pattern] }).includes(1)).toBe(wanted);
        },
      ),
    );
  });

  it('never keeps less when it says more', () => {
    const policy = fc.record({
      last: fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined }),
      daily: fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined }),
      withinSeconds: fc.option(fc.integer({ min: 0, max: 400_000 }), { nil: undefined }),
    });
    const hours = fc
      .array(fc.integer({ min: 0, max: 300 }), { maxLength: 12 })
      .map((list) => list.toSorted((a, b) => a - b));
    fc.assert(
      fc.property(hours, policy, policy, (ages, one, other) => {
        const versions = made(...ages);
        const both = {
          last: Math.max(one.last ?? 0, other.last ?? 0),
          daily: Math.max(one.daily ?? 0, other.daily ?? 0),
          withinSeconds: Math.max(one.withinSeconds ?? -1, other.withinSeconds ?? -1),
        };
        const all = kept(versions, both);
        for (const number of [...kept(versions, one), ...kept(versions, other)]) expect(all).toContain(number);
      }),
    );
  });
});
