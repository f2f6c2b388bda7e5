import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createApi } from './api.ts';
import { openStage, type Stage } from './killable-stage.ts';
import { DAYS, expectedLedger, PRODUCERS, planOf, type Row, type Sending, trainingCsv } from './ledger-plan.ts';
import { quiet } from './main-job.ts';
import { seeded } from './seeded.ts';
import { until } from './service.ts';

/** Producers send while the service and its database are killed, LEDGER_KILLS times: some hundreds take an hour. */
const KILLS = Number(process.env.LEDGER_KILLS ?? 4);
const BATCHES = Math.max(20, KILLS);
const MODEL = '/v1/models/credit';

type WindowAnswer = {
  readonly start: string;
  readonly state: string;
  readonly verdict: string | null;
  readonly rows: number;
  readonly report: string | null;
  readonly performance: { readonly labelled: number; readonly metrics: Row; readonly alarm: unknown } | null;
};
type Report = { readonly body: { readonly columns: readonly Row[]; readonly verdict: string } };

async function prepare(url: string): Promise<void> {
  const { post } = createApi(url);
  await post('/v1/datasets/credit/versions?path=train.csv', trainingCsv(), { 'content-type': 'text/csv' });
  await post('/v1/models', { name: 'credit', task: 'binary', positive_label: '1' });
  const roles = { prediction: 'prediction', score: 'score', label: 'target' };
  await post(`${MODEL}/versions`, { dataset: 'credit', ref: 'v1', roles });
  await post(`${MODEL}/monitors`, { name: 'daily' });
}

/** Sends until it is acknowledged. Some requests carry a key, the others are simply sent again. */
async function deliver(url: string, { kind, rows }: Sending, key: string | null): Promise<void> {
  const body = rows.map((row) => JSON.stringify(row)).join('\n');
  const headers = {
    'content-type': 'application/x-ndjson',
    ...(key === null ? {} : { 'idempotency-key': key }),
  };
  for (;;) {
    try {
      const response = await fetch(`${url}${MODEL}/${kind}`, { method: 'POST', headers, body });
      const text = await response.text();
      if (response.ok) return;
      // Whatever is wrong with the ground is said so; a row is never at fault here.
      if (response.status !== 503 && response.status !== 429) throw new Refused(`${response.status} ${text}`);
    } catch (error) {
      if (error instanceof Refused) throw error;
    }
    await pause(50);
  }
}

class Refused extends Error {}

/** Everybody sends everything; `progress` lets a producer's nth sending begin. */
async function produce(url: string, progress: (share: number) => Promise<void>): Promise<void> {
  await Promise.all(
    Array.from({ length: PRODUCERS }, async (_, producer) => {
      const plan = planOf(producer, BATCHES);
      for (const [i, sending] of plan.entries()) {
        await progress(i / plan.length);
        const key = i % 3 === 0 ? `producer-${producer}-${i}` : null;
        await deliver(url, sending, key);
        // Again, as a sender does that did not hear the answer.
        if (i % 7 === 0) await deliver(url, sending, key);
      }
    }),
  );
}

/** What is known in the end, once nothing moves any more. */
async function outcome(url: string, expected: { readonly rows: number; readonly labelled: number }) {
  const { get, post } = createApi(url);
  await post(`${MODEL}/watermark`, { through: '2026-02-01T00:00:00Z' });
  await until(
    'every window to be judged with every row and label',
    async () => {
      const { items } = await get<{ items: WindowAnswer[] }>(`${MODEL}/monitors/daily/windows?limit=1000`);
      const sum = (of: (window: WindowAnswer) => number) => items.reduce((total, window) => total + of(window), 0);
      const whole = items.length >= DAYS && items.every(({ state }) => state === 'judged');
      const labelled = sum((window) => window.performance?.labelled ?? 0);
      return whole && sum(({ rows }) => rows) === expected.rows && labelled === expected.labelled ? true : null;
    },
    240,
  );
  // A label that is corrected changes no count: what it changes may still have to be measured.
  await quiet({ url });
  const { items: windows } = await get<{ items: WindowAnswer[] }>(`${MODEL}/monitors/daily/windows?limit=1000`);
  const reports = await Promise.all(
    windows.map(async ({ report }) => (report === null ? null : (await get<Report>(`/v1/reports/${report}`)).body)),
  );
  const found = windows.map(({ start, verdict, rows, performance }, i) => ({
    ...{ start, verdict, rows, performance: withoutLooks(performance) },
    columns: reports[i]?.columns ?? [],
  }));
  const ids = windows.flatMap(({ report }) => (report === null ? [] : [report]));
  return { found: found.toSorted((a, b) => (a.start < b.start ? -1 : 1)), ids };
}

/** At how many of its labels a window was looked at depends on when they came; what is found with all of them does not. */
function withoutLooks(performance: WindowAnswer['performance']): Row | null {
  if (performance === null) return null;
  const { alarm: _looks, ...whole } = performance;
  return whole;
}

/** Sums depend on the order of their terms in the last digits, and rows come in another order each time. */
function rounded(value: unknown): unknown {
  if (typeof value === 'number') return Number(value.toPrecision(9));
  if (Array.isArray(value)) return value.map(rounded);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, rounded(inner)]));
}

async function strike(stage: Stage, random: () => number): Promise<void> {
  const kind = random();
  if (kind < 0.5) await stage.killService();
  else if (kind < 0.85) await stage.killDatabase();
  else await stage.killBoth();
}

test(
  `through ${KILLS} kills every acknowledged row is there once, and every report is that of an undisturbed run`,
  async () => {
    const expected = expectedLedger(BATCHES);
    const labelled = [...expected.values()].filter(({ label }) => label !== null).length;
    const sums = { rows: expected.size, labelled };

    const calm = await openStage();
    await prepare(calm.url);
    await produce(calm.url, () => Promise.resolve());
    const undisturbed = await outcome(calm.url, sums);
    await calm.end();

    const stage = await openStage();
    try {
      await prepare(stage.url);
      const random = seeded(Number(process.env.LEDGER_SEED ?? 1));
      let kills = 0;
      const producing = produce(stage.url, async (share) => {
        // Nobody is done before the last kill.
        while (kills < share * KILLS) await pause(20);
      });
      while (kills < KILLS) {
        await pause(1000 * random());
        await strike(stage, random);
        kills++;
      }
      await producing;
      const { found, ids } = await outcome(stage.url, sums);

      const { get, post } = createApi(stage.url);
      const text = await (await fetch(`${stage.url}${MODEL}/predictions?format=ndjson`)).text();
      const kept = text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Row);
      expect(kept.length).toBe(expected.size);
      for (const { label = null, ...row } of kept) {
        const known = expected.get(String(row.prediction_id));
        expect([row, label]).toEqual([known?.row, known?.label]);
        expected.delete(String(row.prediction_id));
      }
      expect(expected.size).toBe(0);
      const counts = await get(`${MODEL}/counts`);
      expect([counts.accepted, counts.settled, counts.labelled, counts.labels_waiting, counts.conflicts]).toEqual([
        ...[sums.rows, sums.rows, sums.labelled, 0, 0],
      ]);

      expect(rounded(found)).toEqual(rounded(undisturbed.found));
      expect(new Set(found.map(({ verdict }) => verdict))).toEqual(new Set(['drift', 'no_drift', 'no_data']));
      for (const id of ids) {
        expect(await post(`/v1/reports/${id}/replay`, {})).toMatchObject({ agrees: true });
      }
    } finally {
      await stage.end();
    }
  },
  300_000 + KILLS * 10_000,
);
