import { z } from 'zod';
import { describeUnseen } from '../../stats/verdict/unseen-finding.ts';
import { movedSlice } from './describe-slice.ts';

/** A column as stored reports have it, as far as it says which of its values are new. */
export const columnWithValues = z.object({
  name: z.string(),
  verdict: z.string(),
  findings: z.array(
    z.object({
      measure: z.string(),
      value: z.number().nullable(),
      limit: z.number().nullable(),
      parameters: movedSlice.shape.parameters,
    }),
  ),
});

/**
 * Of columns that drifted what is said of values that the reference does not have, by name, where those reach their limit:
 * `3 values that the reference does not have, in 5 % of the rows with a value: "Lisbon" 4.1 %, …`.
 */
export function unseenByColumn(columns: readonly z.infer<typeof columnWithValues>[]): ReadonlyMap<string, string> {
  return new Map(
    columns.flatMap(({ name, verdict, findings }) => {
      if (verdict !== 'drift') return [];
      const told = findings.flatMap((finding) => {
        const { value, limit } = finding;
        return value !== null && limit !== null && value >= limit ? (describeUnseen(finding) ?? []) : [];
      });
      return told.map((text) => [name, text] as const);
    }),
  );
}
