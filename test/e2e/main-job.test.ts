import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { createApi } from './api.ts';
import { CENSUS, censusBatches, hasCensus } from './census.ts';
import { closeAll, differences, MODEL, MONITOR, outcome, quiet, sendAgain, sendBatch, setUp } from './main-job.ts';
import { makeFolder, ROOT, type RunningService, removeFolder, startService } from './service.ts';

const python = process.env.PYTHON;

describe.skipIf(!hasCensus)('the main job on the census data (skipped without ../shared/data)', () => {
  let batches: Awaited<ReturnType<typeof censusBatches>>;
  let receiver: Receiver;
  const services: RunningService[] = [];
  const env = () => ({ TIDEMARK_WEBHOOK_ALLOW: new URL(receiver.url).host });

  beforeAll(async () => {
    batches = await censusBatches();
    receiver = await startReceiver();
  });

  afterAll(async () => {
    for (const service of services) {
      await service.end();
      removeFolder(service.data);
    }
    await receiver.close();
  });

  const start = async (data?: string): Promise<RunningService> => {
    const service = await startService({ env: env(), ...(data === undefined ? {} : { data }) });
    services.push(service);
    return service;
  };

  /** Everything in order; `disturb` may kill the service after a batch and returns the one to go on with. */
  async function play(
    first: RunningService,
    disturb: (service: RunningService, batch: number) => Promise<RunningService>,
  ) {
    let service = first;
    await setUp(createApi(service.url), receiver.url);
    for (const kind of ['predictions', 'labels'] as const) {
      for (let number = 0; number < batches[kind].length; number++) {
        const after = await disturb(service, kind === 'predictions' ? number : 1000 + number);
        // A killed service's clients do not know what arrived: they send everything again, under the same keys.
        if (after !== service)
          for (let i = 0; i < number; i++)
            await sendBatch(createApi(after.url), kind, { number: i, body: batches[kind][i] ?? '' });
        service = after;
        await sendBatch(createApi(service.url), kind, { number, body: batches[kind][number] ?? '' });
      }
    }
    await closeAll(createApi(service.url));
    await quiet(service);
    return service;
  }

  let undisturbed: Awaited<ReturnType<typeof outcome>>;
  let service: RunningService;

  test('accounts for every row and judges every window', async () => {
    service = await play(await start(), async (same) => same);
    undisturbed = await outcome(service);
    expect(undisturbed.counts).toMatchObject({
      sent: batches.rows,
      accepted: batches.rows,
      duplicates: 0,
      conflicts: 0,
      rejected: 0,
      settled: batches.rows,
      labelled: batches.rows,
      unsettled_batches: 0,
    });
    const windows = undisturbed.windows as { state: string; verdict: string; rows: number; start: string }[];
    expect(windows.every((window) => window.state === 'judged')).toBe(true);
    expect(windows.reduce((sum, window) => sum + window.rows, 0)).toBe(batches.rows);
    // 2016 looks like 2015; from 2017 on the survey codes relationships in another way.
    const verdictIn = (year: string) => new Set(windows.filter((w) => w.start.startsWith(year)).map((w) => w.verdict));
    expect(verdictIn('2016-0')).toEqual(new Set(['no_drift']));
    expect(verdictIn('2017')).toEqual(new Set(['drift']));
  });

  test('changes nothing when all of it is sent again', async () => {
    const api = createApi(service.url);
    for (const body of batches.predictions) await sendAgain(api, 'predictions', body);
    for (const body of batches.labels) await sendAgain(api, 'labels', body);
    await quiet(service);
    const again = await outcome(service);
    expect(again.counts).toMatchObject({ sent: 2 * batches.rows, accepted: batches.rows, duplicates: batches.rows });
    expect(differences({ ...undisturbed, counts: null }, { ...again, counts: null }).slice(0, 20)).toEqual([]);
  });

  test('comes to the same after kill -9 in the middle of predictions and of labels', async () => {
    const data = makeFolder('killed');
    const killed = await play(await start(data), async (running, batch) => {
      if (batch !== 104 && batch !== 1080) return running;
      await running.end('SIGKILL');
      return start(data);
    });
    expect(differences(undisturbed, await outcome(killed)).slice(0, 20)).toEqual([]);
    await killed.end();
  });

  test('replays a report from its bytes', async () => {
    const api = createApi(service.url);
    const { items } = await api.get<{ items: { report: string; verdict: string }[] }>(
      `/v1/models/${MODEL}/monitors/${MONITOR}/windows?limit=1000`,
    );
    const drifted = items.find((window) => window.verdict === 'drift');
    const replay = await api.post(`/v1/reports/${drifted?.report}/replay`, '');
    expect(replay).toMatchObject({ agrees: true, differences: [] });
  });

  test.skipIf(python === undefined)("has SciPy's numbers (skipped without PYTHON)", () => {
    const folder = makeFolder('scipy');
    const report = join(folder, 'reports.json');
    writeFileSync(report, JSON.stringify(undisturbed.reports));
    const checked = spawnSync(python ?? '', [join(ROOT, 'test', 'e2e', 'scipy_check.py'), CENSUS, report], {
      encoding: 'utf8',
      maxBuffer: 1 << 24,
    });
    removeFolder(folder);
    expect(checked.stderr).toBe('');
    const result = JSON.parse(checked.stdout) as { compared: number; columns: string[]; worst: Record<string, number> };
    expect(result.columns.length).toBeGreaterThanOrEqual(5);
    expect(result.compared).toBeGreaterThan(200);
    for (const difference of Object.values(result.worst)) expect(difference).toBeLessThan(1e-6);
  });
});
