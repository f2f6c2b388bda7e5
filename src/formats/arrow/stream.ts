/** Batches of columns → one Arrow IPC stream, a batch in memory at a time. */
import type { ColumnBatch, Field } from '../../stats/column.ts';
import { absentColumn } from '../columns/column-sink.ts';
import { encodeArrow } from './writer.ts';

/** Continuation mark and length of the metadata, before each message. */
const PREFIX = 8;
/** The end of a stream: a message without metadata. */
const END = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0);

/**
 * The bytes of a stream of all batches. Texts are plain, for a dictionary would have to hold those of batches to come.
 * Format: https://arrow.apache.org/docs/format/Columnar.html#ipc-streaming-format
 */
export async function* arrowStream(
  fields: readonly Field[],
  batches: AsyncIterable<ColumnBatch>,
): AsyncGenerator<Uint8Array> {
  const empty = encodeArrow(fields, { rows: 0, columns: fields.map(({ type }) => absentColumn(type, 0)) }, PLAIN);
  yield empty.subarray(0, schemaEnd(empty));
  for await (const batch of batches) {
    const bytes = encodeArrow(fields, batch, PLAIN);
    // Each is a stream of its own, whose schema is the same: between that and its end stands the batch.
    yield bytes.subarray(schemaEnd(bytes), bytes.length - END.length);
  }
  yield END;
}

const PLAIN = { plainTexts: true };

function schemaEnd(bytes: Uint8Array): number {
  return PREFIX + new DataView(bytes.buffer, bytes.byteOffset).getInt32(4, true);
}
