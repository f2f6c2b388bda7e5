import { z } from 'zod';
import { movedSlice } from '../domain/report/describe-slice.ts';

/** What pages read out of a stored report. Members they do not show are left alone. */

const side = z.object({
  rows: z.number(),
  nulls: z.number(),
  nan: z.number(),
  unseen: z.number(),
  below: z.number(),
  above: z.number(),
});

const bin = z.object({
  kind: z.string(),
  label: z.string(),
  lower: z.number().nullable(),
  upper: z.number().nullable(),
  reference: z.number(),
  window: z.number(),
});

const finding = z.object({
  measure: z.string(),
  value: z.number().nullable(),
  null_mean: z.number().nullable(),
  null_95: z.number().nullable(),
  limit: z.number().nullable(),
  p: z.number().nullable(),
  q: z.number().nullable(),
  reason: z.string().nullable(),
});

const column = z.object({
  name: z.string(),
  role: z.string(),
  kind: z.string(),
  verdict: z.string(),
  why: z.string(),
  effect: z.object({ measure: z.string(), value: z.number(), limit: z.number() }).nullable(),
  p: z.number().nullable(),
  q: z.number().nullable(),
  counts: z.object({ reference: side, window: side }),
  bins: z.array(bin),
  findings: z.array(finding),
});

const tableFinding = z.object({
  measure: z.string(),
  value: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  null_mean: z.number().nullable(),
  null_95: z.number().nullable(),
  p: z.number().nullable(),
  contributions: z.array(z.object({ name: z.string(), share: z.number() })),
  /** Absent in what is printed by other releases. */
  parameters: movedSlice.shape.parameters,
  reason: z.string().nullable(),
  /** Absent where measures of whole rows did not take part in the verdict. */
  limit: z.number().nullish(),
  q: z.number().nullish(),
  drift: z.boolean().optional(),
});

const comparedWindow = z.object({ start: z.string(), end: z.string(), rows: z.number() });

const needed = z.object({ columns: z.number(), reference: z.number(), window: z.number() });

const reportBody = z.object({
  window: z.object({ start: z.string(), end: z.string(), revision: z.number(), rows: z.number() }),
  verdict: z.string(),
  why: z.string(),
  counts: z.object({
    drifted: z.number(),
    judged: z.number(),
    insufficient: z.number(),
    not_comparable: z.number(),
  }),
  reference: z.object({
    dataset: z.string(),
    version: z.number(),
    oid: z.string(),
    rows: z.number(),
    /** Absent where it was compared with the version itself. */
    windows: z.array(comparedWindow).optional(),
  }),
  /** Absent where the window before was not asked for, null where there was none. */
  previous: z
    .object({
      windows: z.array(comparedWindow),
      rows: z.number(),
      why: z.string(),
      change: z.object({ why: z.string() }),
    })
    .nullish(),
  /** Absent in reports from before it was said. */
  needed: needed.nullish(),
  configuration: z.object({ revision: z.number() }),
  inputs: z.array(z.object({ oid: z.string(), rows: z.number(), repeats: z.number() })),
  columns: z.array(column),
  /** Whether it is known which rows carry the drift: reports from before that was looked for do not. */
  slices: z
    .array(z.unknown())
    .optional()
    .transform((slices) => slices !== undefined),
  /** Absent where none were asked for. */
  segments: z
    .array(
      z.object({
        by: z.string(),
        values: z.array(
          z.object({
            value: z.string().nullable(),
            rows: z.object({ reference: z.number(), window: z.number() }),
            verdict: z.string(),
            why: z.string(),
          }),
        ),
        left_out: z
          .object({
            values: z.number(),
            examples: z.array(z.string().nullable()),
            rows: z.object({ reference: z.number(), window: z.number() }),
          })
          .nullable(),
      }),
    )
    .optional(),
  /** Absent where no measure of whole rows was chosen. */
  table: z.array(tableFinding).optional(),
  violations: z.array(
    z.object({ column: z.string(), code: z.string(), count: z.number(), examples: z.array(z.string()) }),
  ),
});

export type NeededView = z.infer<typeof needed>;
export type ReportBody = z.infer<typeof reportBody>;
export type ReportColumn = z.infer<typeof column>;
export type TableFindingView = z.infer<typeof tableFinding>;

/** The columns of a judgement that was not stored as a report. */
export const readColumns = (columns: unknown): ReportColumn[] => z.array(column).parse(columns);

/** Likewise of whole rows; none where none were asked for. */
export const readTable = (table: unknown): TableFindingView[] => z.array(tableFinding).parse(table ?? []);

export const readBody = (body: unknown): ReportBody => reportBody.parse(body);

/** Whether there is anything that groups of rows could explain. */
export const hasDrifted = (columns: readonly ReportColumn[], table: readonly TableFindingView[]): boolean =>
  columns.some(({ verdict }) => verdict === 'drift') || table.some(({ drift }) => drift === true);

const ORDER = ['drift', 'no_drift', 'insufficient_data', 'not_comparable'];

/** Columns with the strongest first: drifted ones, then by effect over limit. */
export function worstFirst(columns: readonly ReportColumn[]): ReportColumn[] {
  const strength = ({ effect }: ReportColumn): number =>
    effect === null ? -1 : Math.abs(effect.value) / Math.max(effect.limit, 1e-12);
  const rank = ({ verdict }: ReportColumn): number => ORDER.indexOf(verdict);
  return [...columns].sort((a, b) => rank(a) - rank(b) || strength(b) - strength(a));
}
