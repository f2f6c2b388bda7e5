import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { usualWindows } from '../../../src/domain/report/usual-windows.ts';
import { listCheckedWindows, listUnsound } from '../../../src/store/monitor/checks.ts';
import { type Ledger, openLedger } from '../log/ledger.ts';

const MONITOR = 5;
const DAY = 86_400_000;
const FIRST = Date.UTC(2026, 0, 1);
/** As many days as there are windows. */
const WINDOWS = 60;
const at = (n: number) => new Date(FIRST + n * DAY);
const config = { window_seconds: DAY / 1000 } as Parameters<typeof usualWindows>[1]['config'];

let ledger: Ledger;
beforeAll(async () => {
  ledger = await openLedger();
  // Of windows and reports alone; what they belong to tells nothing here.
  for (const table of ['windows', 'reports']) await ledger.ctx.sql.unsafe(`alter table ${table} disable trigger all`);
  await ledger.ctx.sql`insert into windows (project_id, monitor_id, start, "end", revision, state, report_id, rows)
    select 1, ${MONITOR}, ${at(0).toISOString()}::timestamptz + make_interval(days => n), ${at(1).toISOString()}::timestamptz + make_interval(days => n),
      1, 'judged', 'rep_' || n, 100 + n % 7 from generate_series(0, ${WINDOWS - 1}) n`;
  await ledger.ctx.sql`insert into reports (id, project_id, monitor_id, window_id, revision, monitor_revision_id,
    reference_oid, inputs, verdict, rows, body)
    select report_id, 1, monitor_id, id, 1, 1, 'x', '[]', 'no_drift', rows, '{}' from windows`;
});
afterAll(() => ledger.close());
beforeEach(async () => {
  await ledger.ctx.sql`update reports set checks = null`;
});

async function check(n: number, checks: readonly { check: string; verdict: string; value: number | null }[]) {
  await ledger.ctx.sql`update reports set checks = ${JSON.stringify(checks)}::text::jsonb where id = ${`rep_${n}`}`;
}

const usualAt = (n: number) =>
  usualWindows(ledger.ctx.db, { monitorId: MONITOR, window: { start: at(n), end: at(n + 1) }, config });

test('windows come newest first, with what their checks found', async () => {
  await check(8, [
    { check: 'volume', verdict: 'unsound', value: 7 },
    { check: 'freshness', verdict: 'sound', value: 0.1 },
  ]);
  await check(9, [{ check: 'freshness', verdict: 'unsound', value: null }]);
  const found = await listCheckedWindows(ledger.ctx.db, MONITOR, { by: at(10), limit: 3 });
  const told = (n: number, rest: object) => ({
    start: FIRST + n * DAY,
    end: FIRST + (n + 1) * DAY,
    rows: 100 + (n % 7),
    ...rest,
  });
  expect(found).toEqual([
    told(9, { lag: null, unsound: { volume: false, freshness: true } }),
    told(8, { lag: 0.1, unsound: { volume: true, freshness: false } }),
    told(7, { lag: null, unsound: { volume: false, freshness: false } }),
  ]);
  expect(await listCheckedWindows(ledger.ctx.db, MONITOR, { by: at(0), limit: 3 })).toEqual([]);
  expect(await listUnsound(ledger.ctx.db, ['rep_7', 'rep_8', 'rep_9', 'none'])).toEqual(
    new Map([
      ['rep_7', []],
      ['rep_8', ['volume']],
      ['rep_9', ['freshness']],
    ]),
  );
});

test('what was unusual lately is no measure of what is usual, and what has come to stay is', async () => {
  const before = await usualAt(50);
  expect(before).toMatchObject({ volume: { windows: 7 }, lag: null });
  const sameWeekday = [1, 2, 3].map((weeks) => 50 - 7 * weeks);
  for (const n of sameWeekday) await check(n, [{ check: 'volume', verdict: 'unsound', value: 1 }]);
  // Four windows or two weeks: the oldest of the three is long over.
  expect(await usualAt(50)).toMatchObject({ volume: { windows: 5 } });
});

test('how late rows usually come is told by the windows that know it', async () => {
  for (let n = 30; n < 42; n++) await check(n, [{ check: 'freshness', verdict: 'sound', value: 60 + n }]);
  const { lag } = await usualAt(50);
  expect(lag).toMatchObject({ windows: 12, degrees: 11 });
  expect(lag?.mean).toBeCloseTo(
    Array.from({ length: 12 }, (_, i) => Math.log(90 + i)).reduce((a, b) => a + b) / 12,
    12,
  );
});
