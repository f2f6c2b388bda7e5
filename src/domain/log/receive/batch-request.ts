import type { RecordEncoding, RecordOptions } from '../../../formats/prediction/record-types.ts';
import type { BatchKind } from '../../../store/log/batches.ts';
import type { ContentEncoding } from './receive-body.ts';

/** A body of rows that somebody sends. */
export type BatchRequest = {
  readonly model: string;
  readonly kind: BatchKind;
  readonly encoding: RecordEncoding;
  readonly contentEncoding: ContentEncoding;
  readonly epochUnit: 's' | 'ms' | 'us' | null;
  /** How numbers and dates of CSV are written; null for plainly. */
  readonly csv: RecordOptions['csv'] | null;
  /** Keep the good rows beside bad ones. */
  readonly partial: boolean;
  readonly idempotencyKey: string | null;
  /** Bytes that the sender announced; null where it did not. */
  readonly announced: number | null;
  readonly source: AsyncIterable<Uint8Array>;
};
