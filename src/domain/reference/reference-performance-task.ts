import { type Measured, measureOutcomes, type PerformanceQuestion } from '../outcome/measure-outcomes.ts';
import { type LabelledReference, referenceOutcomes } from './reference-outcomes.ts';

export type ReferencePerformanceInput = PerformanceQuestion & { readonly reference: LabelledReference };

/**
 * Compute task: how well the predictions that a reference holds agree with its own labels.
 * @throws TidemarkError `unreadable-data`.
 */
export async function referencePerformanceTask(input: ReferencePerformanceInput): Promise<Measured> {
  return measureOutcomes(await referenceOutcomes(input.reference), input);
}
