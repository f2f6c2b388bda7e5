import { afterAll, beforeAll, expect, it } from 'vitest';
import { calibrateAdopted } from '../../../src/domain/calibration/calibrate-adopted.ts';
import { configOf } from '../../../src/domain/configuration/config.ts';
import { resolveReferences } from '../../../src/domain/reference/resolve-reference.ts';
import { findCalibration } from '../../../src/store/monitor/calibrations.ts';
import { findModelById } from '../../../src/store/monitor/models.ts';
import { findMonitorByName, presentRevision } from '../../../src/store/monitor/monitors.ts';
import { meanwhile } from '../../support/meanwhile.ts';
import { DAY, day, MODEL, makeRows, predictions, type Story, setUp, startStory } from '../monitor/story.ts';

const DAYS = 3;
/** The second day has more than the others. */
const rowsOf = (n: number): number => (n === 1 ? 90 : 60);
let story: Story;

beforeAll(async () => {
  story = await startStory();
  await setUp(story, makeRows(300, 1));
  for (let n = 0; n < DAYS; n++) {
    await story.log('predictions', predictions(makeRows(rowsOf(n), n), { id: `d${n}`, from: day(n), to: day(n + 1) }));
  }
  const reference = { kind: 'trailing', windows: DAYS, at_least: 1 };
  const monitor = { name: 'daily', reference, false_alarms: { at_most: 1, per: 'month' }, minimum_rows: 30 };
  const made = await story.call('POST', `/v1/models/${MODEL}/monitors`, monitor);
  if (made.status !== 201) throw new Error(JSON.stringify(made.body));
  await story.drain(['settle-batches', 'profile-version']);
});
afterAll(() => story.close());

const windows = Array.from({ length: DAYS }, (_, i) => {
  const n = DAYS - 1 - i;
  return { start: day(n), end: day(n + 1), rows: rowsOf(n), state: 'judged' as const, verdict: 'no_drift' };
});

/** Lets the rows of a day go while `work` looks them up: it has begun, and waits for what it reads last. */
const whileDropped = <T>(n: number, work: () => Promise<T>): Promise<T> =>
  meanwhile(
    story.ctx.sql,
    async (tx) => {
      await tx`lock table version_rows`;
      await tx`update batches set dropped_at = now() where min_time = ${new Date(day(n)).toISOString()}`;
    },
    work,
  );

it('a window whose rows are let go while they are looked up is not compared with', async () => {
  const { db } = story.ctx;
  const found = await findMonitorByName(db, 1, { model: MODEL, monitor: 'daily' });
  const model = await findModelById(db, found?.modelId ?? 0);
  const config = configOf(await presentRevision(db, found?.id ?? 0));
  const lookup = { endedBy: async () => windows, at: async () => [], changeBefore: async () => null };
  const window = { start: new Date(day(DAYS)), end: new Date(day(DAYS + 1)) };
  const through = model?.settleSequence ?? 0;
  const given = { projectId: 1, modelId: found?.modelId ?? 0, whose: 'daily', window, config, through, lookup };
  const resolved = await whileDropped(0, () => resolveReferences(db, given));
  const rows = 'waitingFor' in resolved ? null : resolved.rows;
  expect(rows?.windows.map(({ start }) => start)).toEqual([day(1), day(2)]);
  expect(rows?.batches).toHaveLength(2);
});

it('limits of a change are not made of a window whose rows are let go while they are looked up', async () => {
  const { ctx } = story;
  const found = await findMonitorByName(ctx.db, 1, { model: MODEL, monitor: 'daily' });
  const revision = await presentRevision(ctx.db, found?.id ?? 0);
  const first = windows.at(-1)?.start ?? 0;
  for (const { start, end, rows } of windows) {
    await ctx.sql`insert into windows (project_id, monitor_id, start, "end", rows, revision, state, verdict)
      select project_id, id, ${new Date(start).toISOString()}::timestamptz, ${new Date(end).toISOString()}::timestamptz, ${rows}, 1, 'judged', 'no_drift' from monitors`;
  }
  const change = { since: first - DAY, until: day(DAYS), renewed: true as const };
  await whileDropped(1, () => calibrateAdopted(ctx, { revisionId: revision.id, ...change }));
  const made = await findCalibration(ctx.db, revision.id, change.since);
  expect(made).toMatchObject({ source: 'resamples', windowRows: rowsOf(2) });
});
