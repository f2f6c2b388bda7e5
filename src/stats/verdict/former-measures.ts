import type { MeasureName } from './measures.ts';
import type { TableMeasureName } from './table-measures.ts';

/**
 * Names that measures had before their numbers changed, each with the name of what is made now. Their values are the same,
 * so that a limit stands for both; what they are held against is not. The first version of
 * - the distances over cells had 0 for the mean and the 95 % point under no drift of thin cells of a far larger reference;
 * - the largest change of a share had the 95 % point of a normal law, also of a share with few rows;
 * - the discrepancy in linear time had the p of a normal law, also of few pairs;
 * - the discrepancy by random features had the tail of a gamma law, which is far too thin where one direction stands out;
 * - the distance of the centroids had the same.
 * The discrepancies of vectors were made of random features under one wide kernel, which hardly see a change of spread; they alone
 * have other values now, and no limit of their own.
 */
const SUCCESSORS = {
  'js_distance/base2/reference-edges@1': 'js_distance/base2/reference-edges@2',
  'js_distance/natural/reference-edges@1': 'js_distance/natural/reference-edges@2',
  'hellinger/reference-edges@1': 'hellinger/reference-edges@2',
  'kullback_leibler/reference-edges@1': 'kullback_leibler/reference-edges@2',
  'total_variation/reference-edges@1': 'total_variation/reference-edges@2',
  'l_infinity/shares@1': 'l_infinity/shares@2',
  'centroid_distance/gamma@1': 'centroid_distance/dealing@1',
  'centroid_distance/reference-spread@1': 'centroid_distance/reference-spread@2',
  'mmd/random-features@1': 'mmd/random-features@2',
  'mmd/vectors/random-features@1': 'mmd/vectors/landmarks@1',
  'mmd/vectors/random-features@2': 'mmd/vectors/landmarks@1',
  'mmd/permutation@1': 'mmd/permutation@2',
  'mmd/vectors/permutation@1': 'mmd/vectors/permutation@3',
  'mmd/vectors/permutation@2': 'mmd/vectors/permutation@3',
  'mmd/linear-time@1': 'mmd/linear-time@2',
  'mmd/vectors/linear-time@1': 'mmd/vectors/linear-time@2',
} as const satisfies Readonly<Record<string, MeasureName | TableMeasureName>>;

/** Names that stand for another one. */
export const FORMER_MEASURES: readonly string[] = Object.freeze(Object.keys(SUCCESSORS));

/** The name of what is made where a measure is named: its own, unless its numbers have changed since. */
export const presentMeasure = (name: string): string => (isFormer(name) ? SUCCESSORS[name] : name);

function isFormer(name: string): name is keyof typeof SUCCESSORS {
  return Object.hasOwn(SUCCESSORS, name);
}
