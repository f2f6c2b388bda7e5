import type { TextEncoding } from '../../../formats/prediction/record-types.ts';
import { parseRecords } from '../../../formats/prediction/rows.ts';
import { withEvidence } from '../settle/with-evidence.ts';
import {
  LISTED,
  MOST_REFUSED,
  type Prepared,
  type PrepareOptions,
  prepareRecords,
  type Rejection,
  recordOptions,
} from './prepare-records.ts';
import { KEPT_BYTES, rawRecords } from './raw-records.ts';

export type TextOptions = PrepareOptions & { readonly encoding: TextEncoding };

/** `arrow`: the object's bytes, an Arrow IPC stream. */
export type PreparedBatch = Prepared<{ readonly arrow: Uint8Array }>;

/**
 * Turns a body of text into what is stored of it: one part. Pure: the same body, options and time give the same bytes.
 * @throws TidemarkError `too-large` past a limit, `invalid-body` or `unreadable-data` when the body is broken as such.
 */
export function prepareBatch(bytes: Uint8Array, options: TextOptions): PreparedBatch {
  const parsed = withEvidence(parseRecords(bytes, options.encoding, recordOptions(options)), options);
  const { part, encode, rejected } = prepareRecords(parsed, options);
  const rejectedTotal = rejected.length;
  if (rejectedTotal > 0 && !options.partial) {
    // Those that the refusal itself lists are not kept besides.
    const kept = rejectedTotal > LISTED ? withRaw(rejected.slice(0, MOST_REFUSED), bytes, options) : rejected;
    return { refused: true, parts: [], rejected: kept, rejectedTotal };
  }
  const parts = [{ ...part, arrow: encode() }];
  return { refused: false, parts, rejected: withRaw(rejected, bytes, options), rejectedTotal };
}

function withRaw(rejected: readonly Rejection[], bytes: Uint8Array, options: TextOptions): Rejection[] {
  if (rejected.length === 0) return [];
  const format = { encoding: options.encoding, options: recordOptions(options) };
  const raw = rawRecords(bytes, format, {
    lines: new Set(rejected.map(({ line }) => line)),
    maxBytes: KEPT_BYTES,
  });
  return rejected.map((rejection) => ({ ...rejection, raw: raw.get(rejection.line) ?? null }));
}
