import type { Measure } from './measure.ts';

/** The measures of columns of vectors by name, a part of the registry. */
export const VECTOR_MEASURES = {
  'centroid_distance/dealing@1': {
    kinds: ['vector'],
    use: 'test',
    direction: 'higher',
    title: 'Distance of the centroids',
    description: 'Euclidean distance of the mean vectors, by the law of dealing the vectors to both sides anew.',
    defaultLimit: null,
    standard: true,
  },
  'mmd/vectors/landmarks@1': {
    kinds: ['vector'],
    use: 'test',
    direction: 'higher',
    title: 'Maximum mean discrepancy of the vectors',
    description:
      'Squared distance of the mean vectors under two Gaussian kernels, wide and narrow, by 128 of the vectors.',
    defaultLimit: null,
    standard: true,
  },
  'mmd/vectors/permutation@3': {
    kinds: ['vector'],
    use: 'test',
    direction: 'higher',
    title: 'Maximum mean discrepancy, permuted',
    description: 'The same against 999 deals of the vectors to both sides instead of the law of many rows.',
    defaultLimit: null,
    standard: false,
  },
  'mmd/vectors/linear-time@2': {
    kinds: ['vector'],
    use: 'test',
    direction: 'higher',
    title: 'Maximum mean discrepancy in linear time',
    description: 'The mean over pairs of vectors, each used once: for more of them, and sees less of each.',
    defaultLimit: null,
    standard: false,
  },
  'component_means/welch@1': {
    kinds: ['vector'],
    use: 'test',
    direction: 'higher',
    title: 'Means of the components',
    description: "Welch's t of every component; the largest of them, its p times the number of components.",
    defaultLimit: null,
    standard: false,
  },
  'component_means/welch-student@1': {
    kinds: ['vector'],
    use: 'test',
    direction: 'higher',
    title: 'Means of the components, by two tests',
    description: "The same by Welch's t or Student's, whichever is the less sure of a component.",
    defaultLimit: null,
    standard: false,
  },
  'domain_classifier/components@1': {
    kinds: ['vector'],
    use: 'test',
    direction: 'higher',
    title: 'Domain classifier on the components',
    description:
      "How well boosted trees tell the current data's vectors from the reference's: 0.5 not at all, 1 always.",
    defaultLimit: null,
    standard: false,
  },
  'centroid_distance/reference-spread@2': {
    kinds: ['vector'],
    use: 'effect',
    direction: 'higher',
    title: 'Centroid shift',
    description:
      "Distance of the mean vectors over the reference's spread, the root of its components' variances' sum.",
    defaultLimit: 0.1,
    standard: true,
  },
  'spread/vectors/log-ratio@1': {
    kinds: ['vector'],
    use: 'effect',
    direction: 'both',
    title: 'Change of spread of the vectors',
    description:
      "Logarithm of the current vectors' mean distance from their mean over the reference's: what the distance of the centroids does not see.",
    defaultLimit: 0.1,
    standard: false,
  },
  'drifted_components/share@1': {
    kinds: ['vector'],
    use: 'effect',
    direction: 'higher',
    title: 'Share of drifted components',
    description:
      "Components that moved by 0.1 of the reference's deviation (Wasserstein) with q below 0.05 over the components (Kolmogorov-Smirnov).",
    defaultLimit: 0.1,
    standard: true,
  },
  'centroid_distance/cosine@1': {
    kinds: ['vector'],
    use: 'index',
    direction: 'higher',
    title: 'Angle of the centroids',
    description: '1 - cosine of the angle between the mean vectors: 0 for the same direction, 2 for the opposite one.',
    defaultLimit: null,
    standard: true,
  },
} as const satisfies Record<string, Measure>;
