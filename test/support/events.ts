import type { EventData, EventType, KnownEvent } from '../../schemas/wire/events.ts';

/** One event of each kind that adapters shape, as the service would make it. */

const evidence = {
  severity: 'warning' as const,
  alert: 'al_1',
  fingerprint: 'monitor:1/dataset',
  project: 'default',
  model: 'churn',
  monitor: 'daily',
  config_revision: 1,
  reference: { dataset: 'customers', version: 3, oid: 'a'.repeat(32), pointer: 'outs:\n- md5: aaa\n' },
  window: { start: '2026-03-01T00:00:00.000Z', end: '2026-03-02T00:00:00.000Z', revision: 1 },
  report: 'rep_1',
  rows: 1200,
  columns_judged: 12,
  columns_drifted: 7,
  share_drifted: 7 / 12,
  worst_columns: ['age', '<!channel> & *co*', 'plan', 'country', 'tenure', 'spend'].map((column, i) => ({
    column,
    verdict: 'drift',
    measure: 'psi/ref-quantile@1',
    effect: 0.41234 - i / 20,
    limit: 0.2,
    direction: 'higher' as const,
    p: 0.001,
    q: 0.002,
    why: 'it moved',
    series: [0.01, null, 0.05, 0.21, 0.41234 - i / 20],
  })),
  slice: 'spend moved where plan is "team", 4 % of the rows',
  unseen: 'country has 1 value that the reference does not have, in 5 % of the rows with a value: "PT" 5 %',
  truncated: 1,
  links: {
    alert: 'https://tidemark.example/v1/alerts/al_1?project=shop',
    report: 'https://tidemark.example/v1/reports/rep_1?project=shop',
  },
};

const run = {
  run: 'run_1',
  policy: 'on-drift',
  alert: 'al_1',
  project: 'default',
  model: 'churn',
  monitor: 'daily',
  links: { run: 'https://tidemark.example/v1/runs/run_1' },
};

const version = (dataset: string) => ({
  dataset,
  version: 4,
  oid: 'b'.repeat(32),
  pointer: 'outs:\n- md5: bbb\n',
  files: Array.from({ length: 100 }, (_, i) => ({
    path: `part-${i}.parquet`,
    url: `https://tidemark.example/v1/datasets/${dataset}/versions/v4/files/part-${i}.parquet`,
  })),
  archive: `https://tidemark.example/v1/datasets/${dataset}/versions/v4/archive`,
});

const data: { readonly [T in EventType]?: EventData<T> } = {
  'alert.firing': { ...evidence, state: 'firing', reason: 'drift_confirmed' },
  'alert.escalated': { ...evidence, severity: 'critical', state: 'firing', reason: 'drift_goes_on' },
  'alert.resolved': { ...evidence, state: 'resolved', reason: 'recovered' },
  'retraining.requested': {
    ...run,
    reference: version('customers'),
    training: {
      ...version('churn-retraining'),
      rows: 600,
      from: '2026-02-01T00:00:00.000Z',
      to: '2026-03-01T00:00:00.000Z',
    },
    callback: { url: 'https://tidemark.example/v1/runs/run_1/events', token: 'tmr_secret_token' },
    deadline: '2026-03-03T00:00:00.000Z',
  },
  'retraining.succeeded': { ...run, model_version: 'v2', metrics: { roc_auc: 0.912345 }, external_url: null },
  'model.promoted': {
    ...run,
    model_version: '3',
    reference: { dataset: 'churn-retraining', version: 4, oid: 'b'.repeat(32) },
    effective_from: '2026-03-01T00:00:00.000Z',
    author: 'key:abc (ci)',
  },
  'model.rolled_back': {
    ...run,
    model_version: '2',
    reference: { dataset: 'customers', version: 3, oid: 'a'.repeat(32) },
    effective_from: '2026-03-01T00:00:00.000Z',
    reason: 'it is worse',
    author: 'key:abc (ci)',
  },
  'model.switched': {
    project: 'default',
    model: 'churn',
    model_version: '2',
    former_version: '1',
    reference: { dataset: 'customers', version: 3, oid: 'a'.repeat(32) },
    monitors: ['daily'],
    effective_from: '2026-03-01T00:00:00.000Z',
    author: 'mlflow:reg_1',
    reason: 'The alias "champion" was set to version 2 of "churn".',
    links: { model: 'https://tidemark.example/v1/models/churn' },
  },
  'retraining.failed': { ...run, state: 'timed_out', error: null, external_url: null },
  'webhook.test': { endpoint: 'ep_1', message: 'This is a test.' },
};

/** The data of an event of this type. */
export function eventDataOf<T extends EventType>(type: T): EventData<T> {
  const found = data[type];
  if (found === undefined) throw new Error(`there is no ${type} here`);
  return found;
}

/** The event of this type, as it is sent. */
export function eventOf(type: EventType, changed: { readonly data?: object; readonly time?: string } = {}): KnownEvent {
  const subject = type.startsWith('alert.') ? 'al_1' : type === 'webhook.test' ? 'ep_1' : 'run_1';
  const event = {
    specversion: '1.0' as const,
    id: 'evt_1',
    source: '/p/default',
    type,
    time: changed.time ?? '2026-03-02T01:00:00.000Z',
    timestamp: changed.time ?? '2026-03-02T01:00:00.000Z',
    subject,
    datacontenttype: 'application/json' as const,
    dataschema: `https://tidemark.dev/events/1/${type}`,
    data: { ...eventDataOf(type), ...changed.data },
  };
  // Type and data were taken together.
  return event as KnownEvent;
}
