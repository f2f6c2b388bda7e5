import { z } from 'zod';
import { metricComparison } from './performance.ts';
import { causeShape } from './policies.ts';
import { instantShape } from './shapes.ts';

/** What receivers are told. The list is closed: a type may be added, never renamed; so may members of its data. */

const datasetVersion = z.strictObject({
  dataset: z.string(),
  version: z.int(),
  oid: z.string(),
});

/** A version with everything that is needed to fetch it. */
const fetchableVersion = datasetVersion.extend({
  /** The text of its `.dvc` file. */
  pointer: z.string(),
  /** The first 100 of its files. */
  files: z.array(z.strictObject({ path: z.string(), url: z.string() })),
  /** All of it as a tar. */
  archive: z.string(),
});

const windowOf = z.strictObject({
  start: instantShape,
  end: instantShape,
  revision: z.int(),
});

const verdictShape = z.enum(['drift', 'no_drift', 'insufficient_data', 'no_data', 'error']);

/** One column that moved: which measure says so, how far, and what it was held against. */
const worstColumn = z
  .strictObject({
    column: z.string(),
    verdict: z.string(),
    measure: z.string().nullable(),
    effect: z.number().nullable(),
    limit: z.number().nullable(),
    /** Where drift lies on this measure. */
    direction: z.enum(['higher', 'lower', 'both']).nullable(),
    p: z.number().nullable(),
    q: z.number().nullable(),
    why: z.string(),
    /** The effect in each of the last windows, this one last and at most 24; null where it was not measured so. */
    series: z.array(z.number().nullable()).optional(),
  })
  .meta({ id: 'WorstColumn' });

/** An alert begins as a warning, and becomes critical when it goes on. */
export const severityShape = z.enum(['warning', 'critical']);

/** What an alert rests on, as of the last window that was taken into account; kept with it. */
export const alertEvidence = z
  .strictObject({
    /** Alerts from before there were two kinds were warnings. */
    severity: severityShape.default('warning'),
    alert: z.string(),
    fingerprint: z.string(),
    project: z.string(),
    model: z.string(),
    monitor: z.string(),
    config_revision: z.int(),
    reference: datasetVersion.extend({ pointer: z.string() }),
    window: windowOf,
    /** Empty where no window was judged. */
    report: z.string(),
    /** What is wrong other than that columns drift: with the data itself, or with what the model makes of it. */
    problem: z
      .strictObject({
        kind: z.enum([
          'no_data',
          'error',
          'broken_schema',
          'unusual_volume',
          'late_data',
          'worse_performance',
          'worse_estimate',
        ]),
        detail: z.string(),
        windows: z.int(),
      })
      .optional(),
    /** Metrics of the window against those of the reference, where the alert is about them. */
    metrics: z.array(metricComparison).optional(),
    rows: z.int(),
    columns_judged: z.int(),
    columns_drifted: z.int(),
    share_drifted: z.number().nullable(),
    worst_columns: z.array(worstColumn),
    /** The segments that drifted, as `region=north, plan=pro`, where the monitor has any; a label that can be asked for. */
    segment: z.string().optional(),
    /** What moved in the rows of one value of a column more than in the others, or which columns go together otherwise, in words, where that drifted. */
    slice: z.string().optional(),
    /** Which values of columns that drifted the reference does not have, in words, where they are many. */
    unseen: z.string().optional(),
    /** How many drifted columns `worst_columns` leaves out. */
    truncated: z.int(),
    links: z.strictObject({ alert: z.string(), report: z.string() }),
  })
  .meta({ id: 'Evidence' });

const alertData = alertEvidence.extend({ state: z.enum(['firing', 'resolved']), reason: z.string() });

/** What a digest says of an alert. */
export const alertBrief = z.object({
  alert: z.string(),
  model: z.string(),
  monitor: z.string(),
  severity: severityShape,
  state: z.enum(['firing', 'resolved']),
  reason: z.string(),
  columns_drifted: z.int(),
  columns_judged: z.int(),
  problem: z.object({ kind: z.string(), detail: z.string() }).optional(),
  links: z.object({ alert: z.string() }),
});

export type AlertBrief = z.infer<typeof alertBrief>;

const runData = z.strictObject({
  run: z.string(),
  policy: z.string(),
  alert: z.string().nullable(),
  project: z.string(),
  model: z.string(),
  monitor: z.string(),
  links: z.strictObject({ run: z.string() }),
});

export const eventShapes = {
  'dataset.version.created': datasetVersion.extend({
    project: z.string(),
    path: z.string(),
    files: z.int(),
    bytes: z.int(),
    message: z.string(),
    links: z.strictObject({ version: z.string() }),
  }),
  'dataset.version.quarantined': z.strictObject({
    project: z.string(),
    /** The stored object whose bytes are wrong or lost; good bytes under its name heal it. */
    object: z.string(),
    quarantined_at: instantShape,
    /** The newest versions that have it, up to 20. */
    versions: z.array(datasetVersion.extend({ link: z.string() })),
    versions_total: z.int(),
  }),
  'window.judged': z.strictObject({
    project: z.string(),
    model: z.string(),
    monitor: z.string(),
    config_revision: z.int(),
    reference: z.strictObject({ oid: z.string() }),
    window: windowOf,
    report: z.string(),
    verdict: verdictShape,
    rows: z.int(),
    columns_judged: z.int(),
    columns_drifted: z.int(),
    links: z.strictObject({ report: z.string() }),
  }),
  'alert.firing': alertData,
  'alert.escalated': alertData,
  'alert.resolved': alertData,
  /** Instead of the three above, for whoever wants to be told of alerts together. */
  'alert.digest': z.strictObject({
    project: z.string(),
    since: instantShape,
    until: instantShape,
    events_total: z.int(),
    alerts_total: z.int(),
    firing: z.int(),
    resolved: z.int(),
    /** How each stands by its last event, up to 40; `events`: how many of them there were. */
    alerts: z.array(alertBrief.extend({ events: z.int() })),
    truncated: z.int(),
  }),
  'retraining.awaiting_approval': runData.extend({
    cause: causeShape,
    /** When it is given up unless somebody approves it. */
    expires: instantShape,
    approve: z.string(),
    decline: z.string(),
  }),
  'retraining.requested': runData.extend({
    /** Absent in messages from before there was more than one kind. */
    cause: causeShape.optional(),
    /** What the model in service was trained on. */
    reference: fetchableVersion,
    /** The logged predictions with their labels, as Parquet. */
    training: fetchableVersion.extend({ rows: z.int(), from: instantShape, to: instantShape }),
    /** Rows that were held out, without their labels; null where none are. */
    evaluation: fetchableVersion.extend({ rows: z.int() }).nullable().optional(),
    callback: z.strictObject({ url: z.string(), token: z.string() }),
    deadline: instantShape,
  }),
  'retraining.succeeded': runData.extend({
    model_version: z.string().nullable(),
    metrics: z.record(z.string(), z.number()),
    external_url: z.string().nullable(),
    /** What the model version was trained on; absent in messages from before it was told. */
    training: datasetVersion.optional(),
  }),
  'retraining.failed': runData.extend({
    state: z.enum(['failed', 'timed_out']),
    error: z.string().nullable(),
    external_url: z.string().nullable(),
  }),
  'retraining.cancelled': runData.extend({
    reason: z.string(),
    author: z.string(),
    external_url: z.string().nullable(),
  }),
  /** A promotion was taken back: version and reference are those from before it. */
  'model.rolled_back': runData.extend({
    model_version: z.string(),
    reference: datasetVersion,
    effective_from: instantShape,
    reason: z.string(),
    author: z.string().optional(),
  }),
  'model.promoted': runData.extend({
    model_version: z.string(),
    reference: datasetVersion,
    effective_from: instantShape,
    /** Who did it; absent in messages from before it was told. */
    author: z.string().optional(),
    reason: z.string().optional(),
    /** Monitors that compare with the new version's training data from then on; absent in messages from before there were several. */
    monitors: z.array(z.string()).optional(),
  }),
  /** Another version is in service, by the word of a model registry or of somebody, and without a run of ours. */
  'model.switched': z.strictObject({
    project: z.string(),
    model: z.string(),
    model_version: z.string(),
    /** What was in service before; null before the first. */
    former_version: z.string().nullable(),
    reference: datasetVersion,
    /** Monitors that compare with the new version's training data from then on. */
    monitors: z.array(z.string()),
    effective_from: instantShape,
    author: z.string(),
    reason: z.string(),
    links: z.strictObject({ model: z.string() }),
  }),
  'endpoint.disabled': z.strictObject({ endpoint: z.string(), url: z.string(), reason: z.string() }),
  'webhook.test': z.strictObject({ endpoint: z.string(), message: z.string() }),
} as const;

export type AlertEvidence = z.infer<typeof alertEvidence>;
export type EventType = keyof typeof eventShapes;
export type EventData<T extends EventType> = z.infer<(typeof eventShapes)[T]>;

/** Names of the types in the order of the list above. */
const eventTypes = Object.keys(eventShapes) as [EventType, ...EventType[]];

export const eventTypeShape = z.enum(eventTypes);

/** Version of the shapes above. Members may be added to a version; what else changes makes another one. */
export const PAYLOAD_VERSION = 1;

/** An event with the data that its type says it has. */
export type KnownEvent = {
  [T in EventType]: Omit<z.infer<typeof eventEnvelope>, 'type' | 'data'> & { type: T; data: EventData<T> };
}[EventType];

/** The body of every delivery: a CloudEvent in JSON, with the `timestamp` that Standard Webhooks asks for. */
export const eventEnvelope = z.strictObject({
  specversion: z.literal('1.0'),
  id: z.string(),
  source: z.string(),
  type: eventTypeShape,
  time: instantShape,
  timestamp: instantShape,
  subject: z.string(),
  datacontenttype: z.literal('application/json'),
  /** Names the shape of the data and its version: another version is another name. */
  dataschema: z.string(),
  data: z.record(z.string(), z.unknown()),
});
