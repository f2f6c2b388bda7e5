import type { JudgePolicy } from './judgement.ts';
import type { MeasureName } from './measures.ts';

/** What of a policy profiles can be judged by; the usual where nothing is said. */
export type ProfilePolicy = Partial<
  Pick<JudgePolicy, 'alpha' | 'minimumRows' | 'limits' | 'adjustment' | 'weights' | 'minimumDriftedShare'>
>;

/** The effects that profiles are judged by. */
export const PROFILE_EFFECTS: readonly MeasureName[] = Object.freeze([
  'wasserstein/reference-std@1',
  'js_distance/base2/reference-edges@2',
  'missing_share/difference@1',
  'unseen_share/difference@1',
  'centroid_distance/reference-spread@2',
]);
