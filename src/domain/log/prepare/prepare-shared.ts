import { isTidemarkError } from '../../../errors.ts';
import { selectRows } from '../../../formats/columns/select-rows.ts';
import type { ParsedRecords } from '../../../formats/prediction/record-types.ts';
import { parseRecords } from '../../../formats/prediction/rows.ts';
import { withoutRows } from '../../../formats/prediction/violated-rows.ts';
import { type JoinedBodies, joinBodies } from '../receive/join-bodies.ts';
import { batchRepeats } from '../settle/batch-repeats.ts';
import { withEvidence } from '../settle/with-evidence.ts';
import { type PreparedPart, type PrepareOptions, prepareRecords, recordOptions } from './prepare-records.ts';

/** A body among those that share a batch: which one it was, and what its own rows do. */
type PreparedShare = Pick<PreparedPart, 'rows' | 'duplicates' | 'conflicts' | 'violations'> & {
  readonly body: number;
};

/** One batch of several bodies. `arrow`: the object's bytes. */
export type PreparedShared = {
  /** In the order of the bodies, without those that hold a bad row. */
  readonly shares: readonly PreparedShare[];
  readonly part: PreparedPart;
  readonly arrow: Uint8Array;
};

type Member = { readonly body: number; readonly lines: Buffer };

/**
 * Makes bodies of whole lines one batch. Pure, as `prepareBatch` is.
 * @returns null when none is good, and when together they pass a limit that none may pass alone.
 */
export function prepareShared(bodies: readonly Buffer[], options: PrepareOptions): PreparedShared | null {
  return prepareMembers(
    bodies.map((lines, body) => ({ body, lines })),
    options,
  );
}

function prepareMembers(members: readonly Member[], options: PrepareOptions): PreparedShared | null {
  const joined = joinBodies(members.map(({ lines }) => lines));
  let parsed: ParsedRecords;
  try {
    parsed = withEvidence(parseRecords(joined.bytes, 'ndjson', recordOptions(options)), options);
  } catch (error) {
    if (isTidemarkError(error)) return null;
    throw error;
  }
  const { part, encode, rejected } = prepareRecords(parsed, options);
  if (rejected.length > 0) {
    const bad = new Set(rejected.map(({ line }) => joined.bodyOfLine(line)));
    const good = members.filter((_, i) => !bad.has(i));
    return good.length === 0 ? null : prepareMembers(good, options);
  }
  return { shares: sharesOf(parsed, joined, { members, options }), part, arrow: encode() };
}

function sharesOf(
  parsed: ParsedRecords,
  joined: JoinedBodies,
  { members, options }: { readonly members: readonly Member[]; readonly options: PrepareOptions },
): PreparedShare[] {
  const rows: number[][] = members.map(() => []);
  for (const [row, line] of parsed.lines.entries()) rows[joined.bodyOfLine(line)]?.push(row);
  return members.map(({ body, lines }, i) => {
    const own = rows[i] ?? [];
    const repeats =
      own.length < 2
        ? { duplicates: 0, conflicts: 0 }
        : batchRepeats(options.kind, parsed.fields, selectRows(parsed.batch, Int32Array.from(own)));
    // Evidence is counted over the whole; whose it is tells only a look at each alone.
    const violations =
      parsed.violations.length === 0
        ? []
        : withoutRows(withEvidence(parseRecords(lines, 'ndjson', recordOptions(options)), options).violations);
    return { body, rows: own.length, ...repeats, violations };
  });
}
