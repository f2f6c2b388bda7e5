import { describe, expect, it } from 'vitest';
import type { ReferenceConfig } from '../../../schemas/wire/references.ts';
import { applyRequest, defaultConfig } from '../../../src/domain/configuration/config.ts';
import {
  chooseSameTime,
  chooseTrailing,
  type EarlierWindow,
  renewedBy,
  sameTimeStarts,
  windowsOfChange,
} from '../../../src/domain/configuration/reference-rule.ts';
import { TidemarkError } from '../../../src/errors.ts';

const DAY = 86_400_000;
const window = (n: number, part: Partial<EarlierWindow> = {}): EarlierWindow => ({
  start: n * DAY,
  end: (n + 1) * DAY,
  rows: 100,
  state: 'judged',
  verdict: 'no_drift',
  ...part,
});
const days = (choice: { chosen: readonly EarlierWindow[] }) => choice.chosen.map(({ start }) => start / DAY);

describe('trailing windows', () => {
  type Trailing = Extract<ReferenceConfig, { kind: 'trailing' }>;
  const rule: Trailing = { kind: 'trailing', windows: 2, offset: 1, exclude_fired: true, exclude: [] };
  const week = [6, 5, 4, 3, 2, 1].map((n) => window(n));

  it('are the newest, from the offset on', () => {
    expect(days(chooseTrailing(rule, week))).toEqual([6, 5]);
    expect(days(chooseTrailing({ ...rule, offset: 3 }, week))).toEqual([4, 3]);
    expect(days(chooseTrailing({ ...rule, windows: 60 }, week))).toEqual([6, 5, 4, 3, 2, 1]);
  });

  it('pass over those that drifted, unless told otherwise, and those without rows or verdict', () => {
    const mixed = [
      window(6, { verdict: 'drift' }),
      window(5, { rows: 0, verdict: 'no_data' }),
      window(4, { state: 'failed', verdict: 'error' }),
      window(3),
      window(2),
    ];
    expect(days(chooseTrailing(rule, mixed))).toEqual([3, 2]);
    expect(days(chooseTrailing({ ...rule, exclude_fired: false }, mixed))).toEqual([6, 3]);
  });

  it('pass over what touches an excluded stretch', () => {
    const exclude = [{ from: new Date(5.5 * DAY).toISOString(), to: new Date(6 * DAY).toISOString() }];
    expect(days(chooseTrailing({ ...rule, exclude }, week))).toEqual([6, 4]);
  });

  it('wait for one whose verdict is open, as far as it matters', () => {
    const waiting = [window(6), window(5, { state: 'ready' }), window(4, { state: 'ready' })];
    expect(chooseTrailing(rule, waiting)).toMatchObject({ chosen: [], waitingFor: { start: 5 * DAY } });
    expect(chooseTrailing({ ...rule, windows: 1 }, waiting).waitingFor).toBeNull();
  });
});

describe('a change that lasts', () => {
  type Trailing = Extract<ReferenceConfig, { kind: 'trailing' }>;
  const standard: Trailing = { kind: 'trailing', windows: 3, offset: 1, exclude_fired: true, exclude: [] };
  const rule: Trailing = { ...standard, adopt_after: 4 };
  const history = (verdicts: string) =>
    Array.from(verdicts, (letter, i) =>
      window(verdicts.length - i, {
        verdict: { d: 'drift', n: 'no_drift', i: 'insufficient_data', '-': 'no_data' }[letter] ?? null,
        rows: letter === '-' ? 0 : 100,
      }),
    );

  it('is passed over while it may end, and then taken for what is normal', () => {
    expect(days(chooseTrailing(rule, history('dddnnnn')))).toEqual([4, 3, 2]);
    expect(chooseTrailing(rule, history('ddddnnnn'))).toMatchObject({ adopted: 3, waitingFor: null });
    expect(days(chooseTrailing(rule, history('ddddnnnn')))).toEqual([8, 7, 6]);
    // It stays so once windows are healthy again by it.
    expect(days(chooseTrailing(rule, history('nddddnnnn')))).toEqual([9, 8, 7]);
    // Two short ones are not one that lasts, and windows without a verdict do not part one.
    expect(days(chooseTrailing(rule, history('ddnddnnn')))).toEqual([6, 3, 2]);
    expect(days(chooseTrailing(rule, history('dd-ddnnn')))).toEqual([8, 7, 5]);
  });

  it('lasts as long as the reference does, and at least eight windows, or as somebody says', () => {
    expect(chooseTrailing(standard, history(`${'d'.repeat(7)}nnn`)).adopted).toBe(0);
    expect(chooseTrailing(standard, history(`${'d'.repeat(8)}nnn`)).adopted).toBe(3);
    expect(chooseTrailing({ ...standard, windows: 9 }, history(`${'d'.repeat(8)}nnn`)).adopted).toBe(0);
    expect(chooseTrailing({ ...rule, adopt_after: null }, history(`${'d'.repeat(50)}nnn`)).adopted).toBe(0);
  });

  it('began with its first window, and is the newest that lasted', () => {
    const changeIn = (verdicts: string) => chooseTrailing(rule, history(verdicts)).change;
    const from = (since: number, until: number) => ({ since: since * DAY, until: (until + 1) * DAY });
    expect(changeIn('dddnnnn')).toBeNull();
    expect(changeIn('ddddnnnn')).toEqual(from(5, 8));
    // However long it goes on, and whatever comes after it.
    expect(changeIn('ddddddnnnn')).toEqual(from(5, 8));
    expect(changeIn('nnndnnddd-dnnnn')).toEqual(from(5, 9));
    expect(changeIn('nddddnnddddn')).toEqual(from(8, 11));
    expect(chooseTrailing({ ...rule, exclude_fired: false }, history('ddddnnnn')).change).toBeNull();
  });

  it('has those windows that drifted until it had lasted', () => {
    const earlier = history('nnnddddd-dnnnn');
    const { change } = chooseTrailing(rule, earlier);
    const found = (given: Trailing) => windowsOfChange(given, change!, earlier).map(({ start }) => start / DAY);
    expect(found(rule)).toEqual([5, 7, 8, 9]);
    const exclude = [{ from: new Date(8 * DAY).toISOString(), to: new Date(9 * DAY).toISOString() }];
    expect(found({ ...rule, exclude })).toEqual([5, 7, 9]);
  });

  it('has limits made anew of twenty windows after its first, that changed or were healthy', () => {
    const renewedIn = (verdicts: string) => {
      const earlier = history(verdicts);
      return renewedBy(rule, chooseTrailing(rule, earlier), earlier);
    };
    const former = { since: 5 * DAY, until: 9 * DAY };
    expect(renewedIn(`${'n'.repeat(16)}ddddnnnn`).change).toEqual(former);
    const found = renewedIn(`${'n'.repeat(17)}ddddnnnn`);
    expect(found.change).toEqual({ since: 6 * DAY, until: 26 * DAY, renewed: true });
    expect(days(found)).toEqual([25, 24, 23]);
    // It stays so, and what drifted for a while or said nothing is none of them.
    expect(renewedIn(`${'n'.repeat(40)}ddddnnnn`).change).toEqual(found.change);
    const broken = history(`${'n'.repeat(10)}ddi${'n'.repeat(7)}ddddnnnn`);
    const { change } = renewedBy(rule, chooseTrailing(rule, broken), broken);
    expect(change).toEqual({ since: 6 * DAY, until: 29 * DAY, renewed: true });
    const made = windowsOfChange(rule, change!, broken).map(({ start }) => start / DAY);
    expect(made).toEqual([6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28]);
    expect(renewedIn('nnnn')).toMatchObject({ change: null });
    const [newest, ...others] = history(`${'n'.repeat(30)}ddddnnnn`);
    const open = [...others.slice(0, 28), { ...others[28]!, state: 'ready' as const }, ...others.slice(29)];
    const waiting = [newest!, ...open];
    expect(renewedBy(rule, chooseTrailing(rule, waiting), waiting).waitingFor).toBe(open[28]);
  });

  it('takes as many windows for a verdict as are asked for, or at least as many as are said', () => {
    expect(chooseTrailing(rule, history('nn'))).toMatchObject({ needed: 3, chosen: [{}, {}] });
    expect(chooseTrailing({ ...rule, at_least: 2 }, history('nn')).needed).toBe(2);
    const base = defaultConfig({ task: 'binary', roles: { ignore: [] } });
    const asked = { kind: 'trailing', windows: 3, at_least: 4 } as const;
    expect(() => applyRequest(base, { reference: asked })).toThrow(/at_least.*at most 3/);
  });

  it('is seen in windows of the same time too', () => {
    const weekly = { kind: 'same_time', every: 'week', count: 1, exclude_fired: true } as const;
    expect(chooseSameTime(weekly, history('ddddn'))).toMatchObject({ adopted: 1, needed: 1 });
    expect(days(chooseSameTime(weekly, history('dddn')))).toEqual([1]);
  });
});

describe('windows of the same time', () => {
  const rule = { kind: 'same_time', every: 'week', count: 2, exclude_fired: true } as const;

  it('lie whole weeks before, by the clock of their zone', () => {
    const hours = { kind: 'steps', lengthSeconds: 3600, stepSeconds: 3600 } as const;
    const at = Date.parse('2026-04-02T10:00:00Z');
    expect(sameTimeStarts(rule, at, hours)).toEqual([1, 2, 3, 4].map((n) => at - n * 7 * DAY));
    const berlin = { kind: 'calendar', period: 'hour', zone: 'Europe/Berlin', week_start: 'monday' } as const;
    const starts = sameTimeStarts(rule, at, berlin).map((start) => new Date(start).toISOString());
    // Noon in Berlin, also before the clocks were changed.
    expect(starts.slice(0, 2)).toEqual(['2026-03-26T11:00:00.000Z', '2026-03-19T11:00:00.000Z']);
  });

  it('are as many as wanted, of those that did not drift', () => {
    const found = [window(28), window(21, { verdict: 'drift' }), window(14), window(7)];
    expect(days(chooseSameTime(rule, found))).toEqual([28, 14]);
    expect(chooseSameTime(rule, [window(28, { state: 'ready' })]).waitingFor).not.toBeNull();
  });
});

describe('the reference in a configuration', () => {
  const base = defaultConfig({ task: 'binary', roles: { ignore: [] } });
  const pointersOf = (work: () => unknown) => {
    try {
      work();
    } catch (error) {
      if (error instanceof TidemarkError) return error.issues.map(({ pointer }) => pointer);
    }
    return [];
  };

  it('is complete once chosen, and absent for the pinned version', () => {
    const trailing = applyRequest(base, { reference: { kind: 'trailing', windows: 4 }, compare_previous: true });
    expect(trailing.reference).toEqual({ kind: 'trailing', windows: 4, offset: 1, exclude_fired: true, exclude: [] });
    expect(trailing.compare_previous).toBe(true);
    expect(applyRequest(trailing, { alpha: 0.01 }).reference).toEqual(trailing.reference);
    const again = applyRequest(trailing, { reference: { kind: 'pinned' }, compare_previous: false });
    expect(again).toEqual(base);
    expect(Object.keys(base)).not.toContain('reference');
  });

  it('fits the windows', () => {
    const weekly = { reference: { kind: 'same_time', every: 'week', count: 4 } } as const;
    const daily = { reference: { kind: 'same_time', every: 'day', count: 4 } } as const;
    const other = { reference: { kind: 'model', model: 'a', monitor: 'b' } } as const;
    expect(pointersOf(() => applyRequest(base, weekly))).toEqual([]);
    expect(pointersOf(() => applyRequest(base, daily))).toEqual(['/reference/every']);
    expect(pointersOf(() => applyRequest(base, { ...weekly, window: { rows: 100 } }))).toEqual(['/reference/every']);
    expect(pointersOf(() => applyRequest(base, { ...other, window: { rows: 100 } }))).toEqual(['/reference/kind']);
    expect(pointersOf(() => applyRequest(base, { ...daily, window: { length: 'PT7H' } }))).toEqual([
      '/reference/every',
    ]);
    expect(pointersOf(() => applyRequest(base, { ...weekly, window: { period: 'week' } }))).toEqual([
      '/reference/every',
    ]);
    expect(pointersOf(() => applyRequest(base, { ...daily, window: { period: 'hour' } }))).toEqual([]);
    const exclude = [{ from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' }];
    expect(pointersOf(() => applyRequest(base, { reference: { kind: 'trailing', windows: 1, exclude } }))).toEqual([
      '/reference/exclude/0/to',
    ]);
  });
});
