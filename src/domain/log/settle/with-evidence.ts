import type { ParsedRecords } from '../../../formats/prediction/record-types.ts';
import { withKnownVersions } from '../prepare/known-versions.ts';
import type { PrepareOptions } from '../prepare/prepare-records.ts';
import { withTypedLabels } from './typed-labels.ts';

/** The records, held against what is known of their model besides the types of its columns. Pure. */
export const withEvidence = (
  parsed: ParsedRecords,
  options: Pick<PrepareOptions, 'labels' | 'versions' | 'strict'>,
): ParsedRecords => withKnownVersions(withTypedLabels(parsed, options), options);
