import { z } from 'zod';

/** Parts of a window's rows that are judged besides all of them. */

const segmentKey = z.string().min(1).max(510).meta({
  description:
    'What tells segments apart: a column of the reference by its name (or as `features.<name>`), `segment`, `model_version`, or `tags.<name>`; the last three are known of logged rows alone, so that they need a reference of earlier windows',
  example: 'region',
});

export const segmentsRequest = z
  .strictObject({
    by: z.array(segmentKey).min(1).max(5),
    most: z.int().min(1).max(50).optional().meta({
      description:
        'Values of each that are judged, those with the most rows; 10 when absent. The rest are counted and named.',
    }),
  })
  .meta({ example: { by: ['region', 'plan'], most: 5 } });

/** As stored. */
export const segmentsConfig = z.object({ by: z.array(z.string()), most: z.int() });

const segmentVerdict = z.enum(['drift', 'no_drift', 'insufficient_data']);

export const segmentSeriesView = z
  .strictObject({
    /** In order of time. */
    windows: z.array(z.strictObject({ start: z.iso.datetime(), report: z.string() })),
    /** Those that drifted most often first. */
    segments: z.array(
      z.strictObject({
        by: z.string(),
        /** Null: rows without a value. */
        value: z.string().nullable(),
        /** One for each window; null where the segment was not judged in it. */
        verdicts: z.array(
          z
            .strictObject({
              verdict: segmentVerdict,
              rows: z.int(),
              reference_rows: z.int(),
              drifted_columns: z.array(z.string()),
              why: z.string(),
            })
            .nullable(),
        ),
      }),
    ),
  })
  .meta({ id: 'SegmentSeries' });

export type SegmentsRequest = z.infer<typeof segmentsRequest>;
export type SegmentsConfig = z.infer<typeof segmentsConfig>;
