import type { RecordOptions, TextEncoding } from '../../../formats/prediction/record-types.ts';
import { recordTexts } from '../../../formats/prediction/rows.ts';

/** Refused rows are kept as they were sent up to this many bytes a batch; beyond it only where and why. */
export const KEPT_BYTES = 16 * 1024 ** 2;

/** The records at these lines (or positions in a list) as they can be sent again, by line, up to so many bytes. */
export function rawRecords(
  bytes: Uint8Array,
  format: { readonly encoding: TextEncoding; readonly options: RecordOptions },
  wanted: { readonly lines: ReadonlySet<number>; readonly maxBytes: number },
): Map<number, string> {
  const texts = recordTexts(bytes, format.encoding, { options: format.options, ...wanted });
  return new Map([...texts].map(([line, text]) => [line, storable(text)]));
}

/** PostgreSQL's texts hold no U+0000. */
export const storable = (text: string): string => text.replaceAll('\u0000', '\ufffd');
