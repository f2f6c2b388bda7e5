import { describe, expect, it } from 'vitest';
import { applyRequest, type ConfigRequest, defaultConfig } from '../../../src/domain/configuration/config.ts';
import { lintMonitor } from '../../../src/domain/monitor/lint.ts';
import type { LintFacts } from '../../../src/domain/monitor/lint-facts.ts';
import { lintJudgements } from '../../../src/domain/monitor/lint-judgements.ts';
import type { Column } from '../../../src/stats/column.ts';
import { createTableProfiler } from '../../../src/stats/table-profiler.ts';
import { judge } from '../../../src/stats/verdict/judge.ts';

const ROWS = 2000;
const texts = (of: (row: number) => string, rows = ROWS): Column => {
  const dictionary = [...new Set(Array.from({ length: rows }, (_, i) => of(i)))];
  const codes = Int32Array.from({ length: rows }, (_, i) => dictionary.indexOf(of(i)));
  return { kind: 'category', type: 'text', length: rows, codes, dictionary };
};
const numbers = (of: (row: number) => number, type: 'int64' | 'float64' = 'float64', rows = ROWS): Column => ({
  ...{ kind: 'number', type, length: rows, valid: null, exact: null },
  values: Float64Array.from({ length: rows }, (_, i) => of(i)),
});

function profileOf(columns: Readonly<Record<string, Column>>) {
  const fields = Object.entries(columns).map(([name, { type }]) => ({ name, type }));
  const profiler = createTableProfiler(fields);
  profiler.add({ rows: Object.values(columns)[0]?.length ?? 0, columns: Object.values(columns) });
  return profiler.finish();
}

const base = defaultConfig({ task: 'binary', roles: { ignore: [] } });
const age = numbers((i) => i % 60);

function lints(request: ConfigRequest, facts: Partial<LintFacts> = {}): string[] {
  const config = applyRequest(base, request);
  const given = {
    config,
    profile: profileOf({ age }),
    since: (): number | null => 0,
    windows: [],
    ...{ referenceAgeDays: 1, healthyEmpty: null, compared: null, columns: [] },
  };
  return lintMonitor({ ...given, ...facts }).map(({ code, column }) => (column === null ? code : `${code}:${column}`));
}

const windows = (count: number, part: Partial<LintFacts['windows'][number]> = {}) =>
  Array.from({ length: count }, () => ({ rows: 1000, verdict: 'no_drift', revision: 1, ...part }));

describe('lints', () => {
  it('find nothing wrong with the standard monitor on ordinary data', () => {
    expect(lints({}, { windows: windows(20) })).toEqual([]);
    expect(lints({}, { profile: null })).toEqual([]);
  });

  it('name columns that say nothing', () => {
    const profile = profileOf({
      age,
      country: texts(() => 'DE'),
      customer: texts((i) => `c${i}`),
      number: numbers((i) => i, 'int64'),
      street: texts((i) => `s${i % 150}`),
      amount: numbers((i) => i / 7),
    });
    expect(lints({}, { profile })).toEqual([
      'constant-column:country',
      'identifier-column:customer',
      'identifier-column:number',
      'many-values:street',
    ]);
    expect(lints({ columns: { exclude: ['country', 'customer', 'number', 'street'] } }, { profile })).toEqual([]);
    expect(lints({}, { since: (logged) => (logged === 'feature.age' ? null : 3) })).toEqual([
      'column-never-logged:age',
    ]);
    const small = profileOf({ age: numbers((i) => i % 60, 'float64', 100) });
    expect(lints({}, { profile: small })).toEqual(['few-reference-rows:age']);
  });

  it('know limits that are reached by nothing, or by anything', () => {
    expect(lints({ effects: { 'wasserstein/reference-std@1': 0.01 } })).toEqual(['limit-below-usual']);
    expect(lints({ alert: { minimum_drifted_columns: 2 } })).toEqual(['never-fires']);
  });

  it('know references that are old, short, or mixed of all hours', () => {
    const drifted = windows(6, { verdict: 'drift' });
    expect(lints({}, { windows: [...drifted, ...windows(5)] })).toEqual(['reference-unlike', 'seasons-unknown']);
    expect(lints({}, { windows: [...drifted, ...windows(7)] })).toEqual(['seasons-unknown']);
    expect(lints({}, { windows: [...drifted.slice(0, 1), ...windows(7)] })).toEqual([]);
    // What is as long as a week has no weekends, and a healthy span has shown them.
    expect(lints({ window: { period: 'week' } }, { windows: [...drifted, ...windows(7)] })).toEqual([]);
    const healthy = { from: '2026-01-01T00:00:00Z', to: '2026-02-01T00:00:00Z' };
    const learned = { false_alarms: { at_most: 1, per: 'month', healthy } } as const;
    expect(lints(learned, { windows: [...drifted, ...windows(7)] })).toEqual([]);
    expect(lints(learned, { healthyEmpty: true })).toContain('healthy-empty');
    expect(lints({}, { profile: { ...profileOf({ age }), rows: 0 } })).toContain('reference-empty');
    expect(lints({}, { referenceAgeDays: 200 })).toEqual(['reference-stale']);
    expect(lints({ window: { length: 'PT1H' } })).toEqual(['seasons-mixed']);
    expect(lints({ window: { length: 'PT1H' }, reference: { kind: 'same_time', every: 'week', count: 4 } })).toEqual(
      [],
    );
    const trailing = { kind: 'trailing', windows: 2, exclude_fired: false } as const;
    expect(lints({ reference: trailing }, { referenceAgeDays: 200 })).toEqual([
      'reference-short',
      'slow-change-hidden',
    ]);
  });

  it('know windows that are too small, or judged too early', () => {
    expect(lints({}, { windows: windows(10, { rows: 30 }) })).toEqual(['windows-below-minimum']);
    expect(lints({}, { windows: windows(10, { rows: 300 }) })).toEqual(['few-window-rows']);
    expect(lints({}, { windows: [...windows(10), ...windows(5, { revision: 2 })] })).toEqual(['late-data']);
    expect(lints({}, { windows: windows(3, { rows: 30, revision: 2 }) })).toEqual([]);
  });

  it('see limits that lie below what chance gives at the sizes there are', () => {
    const profile = profileOf({ age }).columns[0];
    if (profile === undefined) throw new Error('no profile');
    const judged = (rows: number) =>
      judge({
        columns: [
          {
            name: 'age',
            role: 'feature',
            profile,
            reference: age,
            window: numbers((i) => (i * 7) % 60, 'float64', rows),
          },
        ],
      });
    expect(lintJudgements([judged(60), judged(70)]).map(({ code }) => code)).toContain('limit-below-noise');
    expect(lintJudgements([judged(60), judged(70)])[0]?.what).toContain('chance decides');
    expect(lintJudgements([])).toEqual([]);
  });

  it('tell of earlier windows that are few, old, or part of a change', () => {
    const reference = { kind: 'trailing', windows: 8 } as const;
    const day = 86_400_000;
    const compared = (part: object) => ({
      compared: { ...{ start: 100 * day, lacking: null, adopted: 0, ends: Array(8).fill(100 * day) }, ...part },
    });
    expect(lints({ reference }, compared({}))).toEqual([]);
    expect(lints({ reference }, compared({ ends: Array(4).fill(100 * day) }))).toEqual(['reference-incomplete']);
    expect(lints({ reference }, compared({ ends: [], lacking: { found: 1, needed: 8 } }))).toEqual([
      'reference-incomplete',
    ]);
    expect(lints({ reference }, compared({ ends: Array(8).fill(80 * day) }))).toEqual(['reference-old']);
    const offset = { reference: { ...reference, offset: 10 } };
    expect(lints(offset, compared({ ends: Array(8).fill(80 * day) }))).toEqual([]);
    expect(lints({ reference }, compared({ adopted: 3 }))).toEqual(['change-adopted']);
    expect(lints({ reference }, { windows: [...windows(5), ...windows(5, { verdict: 'drift' })] })).toEqual([
      'alarms-throughout',
    ]);
  });

  it('tell of columns that windows show to be none to watch', () => {
    const profile = profileOf({ age, code: numbers((i) => i % 4, 'int64'), yes: numbers((i) => i % 2, 'int64') });
    const column = (name: string, part: object) =>
      Array.from({ length: 6 }, () => ({ name, rows: 1000, filled: 1000, unseen: 0, outside: 0, ...part }));
    expect(lints({}, { profile, columns: column('age', {}) })).toEqual(['few-numbers:code']);
    const found = (part: object) => lints({}, { columns: column('age', part) });
    expect(found({ unseen: 950 })).toEqual(['values-never-seen:age']);
    expect(found({ outside: 950 })).toEqual(['values-beyond:age']);
    expect(found({ filled: 300 })).toEqual(['few-window-values:age']);
    // Windows that are small themselves are told of as such.
    expect(found({ rows: 300, filled: 300 })).toEqual([]);
    expect(lints({}, { columns: column('age', { outside: 950 }).slice(0, 3) })).toEqual([]);
  });
});
