import { cosineDistance } from '../distances/cosine.ts';
import { componentMeans } from '../hypothesis-tests/component-means.ts';
import type { VectorProfile } from '../profile.ts';
import { momentsOfComponents } from '../summaries/vector-components.ts';
import { spreadAbout, type VectorMoments } from '../summaries/vector-moments.ts';

/** What two profiles of vectors of one length tell of their drift. */
export type VectorProfileMeasures = {
  /** Welch's t of the components or Student's, the less sure of both, and its p times their number; null with too few vectors. */
  readonly means: { readonly t: number | null; readonly p: number } | null;
  /** Distance of the centroids over the reference's spread; null without one, and where it is beyond doubles. */
  readonly shift: number | null;
  /** 1 - cosine of the angle between the centroids; null where one of them is 0. */
  readonly cosine: number | null;
};

/** Exact, since means and variances of the components are what a profile has. Cost O(dimension). */
export function measureVectorProfiles(reference: VectorProfile, current: VectorProfile): VectorProfileMeasures {
  const a = momentsOfComponents(reference.components, reference.dimension);
  const b = momentsOfComponents(current.components, current.dimension);
  if (a.n === 0 || b.n === 0) return { means: null, shift: null, cosine: null };
  const found = componentMeans(a, b, 'welch-student');
  const spread = spreadAbout(a);
  return {
    means: found && { t: found.t === null ? null : Math.abs(found.t), p: found.p },
    shift: spread > 0 ? distance(a, b) / spread : null,
    cosine: cosineDistance(a.mean, b.mean),
  };
}

function distance(a: VectorMoments, b: VectorMoments): number {
  return Math.hypot(...a.mean.map((value, j) => b.mean[j]! - value));
}
