import { ENOUGH_WINDOWS, FEWEST_WINDOWS, factorOf, type Given, heldOut, scalesOf, typicalOf } from './calibration.ts';
import type { Calibration, Judgement, TableLimit } from './judgement.ts';
import { TABLE_MEASURES, type TableMeasure, type TableMeasureName } from './table-measures.ts';

/** What a measure of whole rows shows in a column of a healthy window, in what chance rarely exceeds. */
export type TableEffect = { readonly measure: TableMeasureName; readonly column: string; readonly ratio: number };

/** The effects of a judged window that limits of measures of whole rows are made from. */
export const tableEffects = ({ table }: Pick<Judgement, 'table'>): TableEffect[] =>
  (table ?? []).flatMap(({ measure, candidates }) =>
    (candidates ?? []).map(({ column, ratio }) => ({ measure, column, ratio })),
  );

/**
 * The limits of each measure of whole rows that has a share of the false alarms of its own, at that share: the largest of
 * its columns, each in its scale, as `calibrate` has them of columns. Undefined where no window shows anything.
 * @param given `perWindow`: the chosen share of healthy windows, of all measures together; `independent`: how many of the
 * windows are not others drawn again.
 */
export function calibrateTables(windows: readonly (readonly TableEffect[])[], given: Windows): Calibration['tables'] {
  if (windows.length < FEWEST_WINDOWS) return undefined;
  const measures = new Set(windows.flatMap((effects) => effects.map(({ measure }) => measure)));
  const limits = [...measures].flatMap((measure) => {
    const { share }: TableMeasure = TABLE_MEASURES[measure];
    if (share === undefined) return [];
    const own = windows.map((effects) => effects.filter((effect) => effect.measure === measure));
    return [[measure, limitOf(own, { ...given, perWindow: given.perWindow * share })] as const];
  });
  return limits.length === 0 ? undefined : Object.fromEntries(limits);
}

type Windows = Pick<Given, 'perWindow'> & { readonly independent: number };

/** Of few windows the upper fifth is one or two, and a tail made of those says nothing. */
const TAIL_OF_FEW = { tailFrom: 0.5 };

function limitOf(windows: readonly (readonly TableEffect[])[], given: Windows): TableLimit {
  const typical = typicalOf(given);
  const scales = scalesOf(windows, typical);
  const few = given.independent < ENOUGH_WINDOWS ? TAIL_OF_FEW : {};
  const { factor } = factorOf(heldOut(windows, scales, typical), scales, { ...given, ...few, drifted: 1 });
  const byColumn = [...scales].map(([column, byMeasure]) => [column, Math.max(1, ...byMeasure.values())] as const);
  return { factor, rate: given.perWindow, windows: given.independent, scales: Object.fromEntries(byColumn) };
}
