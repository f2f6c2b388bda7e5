import { hellinger, hellingerNull } from '../distances/hellinger.ts';
import { jensenShannonDistance, jensenShannonNull } from '../distances/jensen-shannon.ts';
import { kullbackLeibler, kullbackLeiblerNull } from '../distances/kullback-leibler.ts';
import {
  normalisedAbsoluteDifference,
  normalisedAbsoluteDifferencePoint95,
} from '../distances/normalised-absolute-difference.ts';
import { totalVariation, totalVariationNull } from '../distances/total-variation.ts';
import { type Cells, total, usedCells } from './cells.ts';
import { finding } from './findings.ts';
import type { Finding, JudgePolicy } from './judgement.ts';
import type { MeasureName } from './measures.ts';

/** Distances between the counts of both sides in the same cells, for columns of either kind. */
export type CellMeasure = Extract<
  MeasureName,
  | 'hellinger/reference-edges@2'
  | 'js_distance/natural/reference-edges@2'
  | 'kullback_leibler/reference-edges@2'
  | 'total_variation/reference-edges@2'
  | 'normalised_absolute_difference/counts@1'
>;

type NullLaw = { readonly mean: number | null; readonly point95: number } | null;

/** ln 2 under the root: base-2 divergences are natural ones over ln 2. */
const NATURAL = Math.sqrt(Math.LN2);

export const CELL_FINDINGS: Readonly<Record<CellMeasure, (cells: Cells, policy: JudgePolicy) => Finding>> =
  Object.freeze({
    'hellinger/reference-edges@2': (cells, policy) =>
      onCells('hellinger/reference-edges@2', cells, policy, {
        value: hellinger(cells.r, cells.w),
        law: hellingerNull(cells.r, cells.w),
      }),
    'js_distance/natural/reference-edges@2': (cells, policy) => {
      const value = jensenShannonDistance(cells.r, cells.w);
      const law = jensenShannonNull(cells.r, cells.w);
      return onCells('js_distance/natural/reference-edges@2', cells, policy, {
        value: value === null ? null : value * NATURAL,
        law: law === null ? null : { mean: law.mean * NATURAL, point95: Math.min(1, law.point95) * NATURAL },
      });
    },
    'kullback_leibler/reference-edges@2': (cells, policy) =>
      onCells('kullback_leibler/reference-edges@2', cells, policy, {
        value: kullbackLeibler(cells.r, cells.w),
        law: kullbackLeiblerNull(cells.r, cells.w),
      }),
    'total_variation/reference-edges@2': (cells, policy) =>
      onCells('total_variation/reference-edges@2', cells, policy, {
        value: totalVariation(cells.r, cells.w),
        law: totalVariationNull(cells.r, cells.w),
      }),
    'normalised_absolute_difference/counts@1': (cells, policy) => {
      const largest = normalisedAbsoluteDifference(cells.r, cells.w);
      return onCells('normalised_absolute_difference/counts@1', cells, policy, {
        value: largest?.value ?? null,
        law: { mean: null, point95: normalisedAbsoluteDifferencePoint95(cells.r, cells.w) },
        label: largest === null ? null : (cells.labels[largest.index] ?? null),
      });
    },
  });

function onCells(
  measure: CellMeasure,
  cells: Cells,
  policy: JudgePolicy,
  found: { readonly value: number | null; readonly law: NullLaw; readonly label?: string | null },
): Finding {
  const { value, law, label } = found;
  const parameters = { bins: usedCells(cells), n: total(cells.r), m: total(cells.w) };
  return finding(measure, policy, {
    value,
    nullMean: law?.mean,
    null95: law?.point95,
    parameters: label === undefined ? parameters : { ...parameters, label },
  });
}
