/** The census month by month through the service, against what NannyML says of the same months. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Api, createApi } from './api.ts';
import { censusBatches, hasCensus } from './census.ts';
import { closeAll, MODEL, quiet, sendBatch, setUpModel } from './main-job.ts';
import { type RunningService, removeFolder, startService } from './service.ts';

const METRICS = ['roc_auc', 'f1', 'accuracy'] as const;
type Metric = (typeof METRICS)[number];

type Month = Readonly<Record<Metric, { readonly estimated: number; readonly realised: number }>> & {
  readonly month: string;
  readonly rows: number;
  readonly drift: Readonly<Record<string, Readonly<Record<string, number>>>>;
};

/** Written by test/fixtures/stats/generate_census_nannyml.py, so its shape is known. */
const { months: MONTHS }: { readonly months: readonly Month[] } = JSON.parse(
  readFileSync(new URL('../fixtures/stats/census-nannyml.json', import.meta.url), 'utf8'),
);

type Finding = {
  readonly measure: string;
  readonly value: number | null;
  readonly parameters: Readonly<Record<string, number>>;
};
type Report = {
  readonly window: { readonly start: string; readonly rows: number };
  readonly columns: readonly {
    readonly name: string;
    readonly verdict: string;
    readonly counts: Readonly<Record<'reference' | 'window', { readonly nulls: number }>>;
    readonly findings: readonly Finding[];
  }[];
};
type Measured = {
  readonly start: string;
  readonly labelled: number;
  readonly metrics: Readonly<Record<string, { readonly value: number | null }>>;
  readonly estimate: {
    readonly metrics: Readonly<Record<string, { readonly value: number | null; low: number; high: number }>>;
  } | null;
};

const BASE = `/v1/models/${MODEL}/monitors/monthly`;

describe.skipIf(!hasCensus)('the census by months (skipped without ../shared/data)', () => {
  let service: RunningService;
  let api: Api;
  beforeAll(async () => {
    service = await startService();
    api = createApi(service.url);
    await setUpModel(api);
    await api.post(`/v1/models/${MODEL}/monitors`, { name: 'monthly', window: { period: 'month' } });
    const batches = await censusBatches();
    // Labels first, so that each window is measured once.
    for (const kind of ['labels', 'predictions'] as const) {
      for (const [number, body] of joined(batches[kind]).entries()) await sendBatch(api, kind, { number, body });
    }
    await closeAll(api);
    await quiet(service, 280);
  });

  afterAll(async () => {
    await service.end();
    removeFolder(service.data);
  });

  test('the windows hold the rows that NannyML’s chunks hold', async () => {
    const { items } = await api.get<{ items: { start: string; rows: number }[] }>(`${BASE}/windows?limit=1000`);
    const rows = items.map(({ start, rows }) => ({ month: start.slice(0, 7), rows })).filter(({ rows }) => rows > 0);
    expect(rows).toEqual(MONTHS.map(({ month, rows }) => ({ month, rows })));
  });

  test('realised ROC AUC, F1 and accuracy are NannyML’s, and the estimates are', async () => {
    const { items } = await api.get<{ items: Measured[] }>(`${BASE}/performance?limit=100`);
    const worst = { realised: 0, estimated: 0 };
    for (const expected of MONTHS) {
      const found = items.find(({ start }) => start.startsWith(expected.month));
      expect(found?.labelled).toBe(expected.rows);
      for (const name of METRICS) {
        const realised = found?.metrics[name]?.value ?? Number.NaN;
        const estimated = found?.estimate?.metrics[name]?.value ?? Number.NaN;
        worst.realised = Math.max(worst.realised, Math.abs(realised - expected[name].realised));
        worst.estimated = Math.max(worst.estimated, Math.abs(estimated - expected[name].estimated));
      }
    }
    expect(worst.realised).toBeLessThan(1e-9);
    expect(worst.estimated).toBeLessThan(1e-8);
  });

  test('each feature’s distance is NannyML’s, and the change of 2017 is found, none before', async () => {
    const worst: Record<string, number> = {};
    let compared = 0;
    for (const { month, drift } of MONTHS) {
      const { body } = await api.get<{ body: Report }>(`${BASE}/windows/${month}-01T00:00:00.000Z/report`);
      for (const { name, counts, findings } of body.columns) {
        for (const [method, value] of Object.entries(drift[name] ?? {})) {
          // NannyML leaves missing texts out; here they are a cell.
          if (method === 'jensen_shannon' && counts.reference.nulls + counts.window.nulls > 0) continue;
          const difference = Math.abs((distanceOf(findings, method) ?? Number.NaN) - value);
          worst[method] = Math.max(worst[method] ?? 0, difference);
          compared++;
        }
      }
      const drifted = body.columns.filter(({ verdict }) => verdict === 'drift').map(({ name }) => name);
      if (month < '2017-01') expect({ month, drifted }).toEqual({ month, drifted: [] });
      else expect(drifted).toContain('RELP');
    }
    expect(Object.keys(worst).toSorted()).toEqual(['jensen_shannon', 'kolmogorov_smirnov', 'wasserstein']);
    for (const difference of Object.values(worst)) expect(difference).toBeLessThan(1e-9);
    expect(compared).toBeGreaterThan(36 * 12);
  });
});

/** Fewer, larger bodies. */
function joined(bodies: readonly string[]): string[] {
  return Array.from({ length: Math.ceil(bodies.length / 20) }, (_, i) => bodies.slice(20 * i, 20 * (i + 1)).join('\n'));
}

/** The same figure among a report's findings. */
function distanceOf(findings: readonly Finding[], method: string): number | null | undefined {
  const of = (measure: string) => findings.find((finding) => finding.measure === measure);
  if (method === 'jensen_shannon') return of('js_distance/base2/reference-edges@2')?.value;
  if (method === 'kolmogorov_smirnov') return of('ks/two-sided@1')?.value;
  return of('wasserstein/reference-std@1')?.parameters['wasserstein'];
}
