import { chiSquareUpperPoint } from '../special/chi-square.ts';
import type { Calibration, Finding, Judgement, JudgePolicy } from './judgement.ts';
import { MEASURES, type MeasureName } from './measures.ts';

/** An effect of a healthy window, in its 95 % point under no drift. */
export type HealthyEffect = { readonly column: string; readonly measure: MeasureName; readonly ratio: number };

/**
 * What calibrated limits are made for besides the other distances: these move with the seasons of a mean, and limits that
 * allow for them are deaf to a spread that changes within each season.
 */
export const BESIDES: readonly MeasureName[] = ['spread/log-ratio@1'];

const TYPICAL = 0.95;
/** Of few windows that would be the largest itself, and nothing were left of the tail above it. */
const TYPICAL_OF_FEW = 0.75;
/** So many show what is typical, and a tail. */
export const ENOUGH_WINDOWS = 40;
/** Above this share of the windows the tail is taken for exponential; its mean for its upper 90 % bound. */
const TAIL_FROM = 0.8;
const TAIL_CONFIDENCE = 0.9;
/** Fewer windows say nothing about a tail. */
export const FEWEST_WINDOWS = 20;

/** The effects of a judged window that a calibration is made from. */
export const healthyEffects = ({ columns }: Pick<Judgement, 'columns'>): HealthyEffect[] =>
  columns.flatMap(({ name, findings }) => findings.flatMap((finding) => effectRatio(name, finding) ?? []));

export function effectRatio(column: string, { measure, value, null95, limit }: Finding): HealthyEffect | null {
  if (MEASURES[measure].use === 'test' || limit === null || value === null || null95 === null) return null;
  return { column, measure, ratio: null95 > 0 ? Math.abs(value) / null95 : 0 };
}

/**
 * Calibrates from healthy windows. A window counts as a false alarm when `drifted` of its columns exceed their limits
 * together, so that is what has the chosen share; dependence between columns is that of the windows themselves.
 * With N windows the k-th smallest, k = ⌈(N + 1)(1 - share)⌉, is exceeded by a new one with at most that
 * probability (conformal prediction, Vovk et al. 2005); where N is too small for it the tail is extrapolated.
 * @throws RangeError for fewer than 20 windows.
 */
export function calibrate(windows: readonly (readonly HealthyEffect[])[], given: Given): Calibration {
  if (windows.length < FEWEST_WINDOWS) throw new RangeError(`a calibration takes at least ${FEWEST_WINDOWS} windows`);
  const typical = typicalOf(given);
  const scales = scalesOf(windows, typical);
  const held = heldOut(windows, scales, typical);
  levelOwn(held, scales, given);
  const { factor, counted } = factorOf(held, scales, given);
  return {
    method: 'largest-column/conformal@5',
    windows: windows.length,
    perWindow: given.perWindow,
    factor,
    tail: counted ? 'counted' : 'extrapolated',
    scales: Object.fromEntries(
      [...scales].map(([column, byMeasure]) => [column, Object.fromEntries(byMeasure)]),
    ) as Calibration['scales'],
  };
}

/** The share of windows that a scale is the effect of. */
export const typicalOf = ({ independent = ENOUGH_WINDOWS }: Pick<Given, 'independent'>): number =>
  independent < ENOUGH_WINDOWS ? TYPICAL_OF_FEW : TYPICAL;

/** An effect of whichever measure. */
type Effect = Omit<HealthyEffect, 'measure'> & { readonly measure: string };

type Scales = Map<string, Map<string, number>>;

export type Given = {
  readonly perWindow: number;
  readonly drifted: number;
  /** How many of the windows are not others drawn again; all when absent. */
  readonly independent?: number;
  /** Above this share of the windows the tail is taken for exponential; 0.8 when absent. */
  readonly tailFrom?: number;
};

/** What the largest effects, in scales, exceed in the chosen share of the windows. */
export function factorOf(windows: readonly (readonly Effect[])[], scales: Scales, given: Given) {
  const { perWindow, drifted } = given;
  const scores = windows.map((effects) => scoreOf(effects, scales, drifted)).sort((a, b) => a - b);
  const independent = Math.min(scores.length, given.independent ?? scores.length);
  const rank = Math.ceil((independent + 1) * (1 - perWindow));
  if (rank > independent) return { factor: extrapolated(scores, given, independent), counted: false };
  const place = Math.ceil((Math.max(1, rank) * scores.length) / independent);
  return { factor: scores[place - 1]!, counted: true };
}

/** The parts of the false alarms that distances have of their own; the others share the rest. */
const OWN_SHARES = { 'spread/log-ratio@1': 0.2, 'unseen_share/difference@1': 0.1 } as const;
const OTHERS_SHARE = Object.values(OWN_SHARES).reduce((left, share) => left - share, 1);

const UNSEEN = 'unseen_share/difference@1';

const isOwn = (measure: MeasureName): measure is keyof typeof OWN_SHARES => Object.hasOwn(OWN_SHARES, measure);

/**
 * Brings the scales of what has a part of the false alarms of its own to those of the others, so that it has that part and no
 * more: a heavier tail of its own would otherwise raise the limits of all.
 */
function levelOwn(windows: readonly (readonly HealthyEffect[])[], scales: Scales, given: Given): void {
  const others = windows.map((effects) => effects.filter(({ measure }) => !isOwn(measure)));
  const usual = factorOf(others, scales, { ...given, perWindow: given.perWindow * OTHERS_SHARE }).factor;
  if (!(usual > 0)) return;
  levelSpread(windows, scales, { ...given, usual });
  levelUnseen(windows, scales, { ...given, usual });
}

type Levelling = Given & { readonly usual: number };

/** The spread of all columns together. */
function levelSpread(windows: readonly (readonly HealthyEffect[])[], scales: Scales, given: Levelling): void {
  const [spread] = BESIDES;
  if (spread === undefined) return;
  const own = windows.map((effects) => effects.filter(({ measure }) => measure === spread));
  const { factor } = factorOf(own, scales, { ...given, perWindow: given.perWindow * OWN_SHARES['spread/log-ratio@1'] });
  if (!(factor > 0)) return;
  for (const byMeasure of scales.values()) {
    const scale = byMeasure.get(spread);
    if (scale !== undefined) byMeasure.set(spread, (scale * factor) / given.usual);
  }
}

/** What a point is exceeded with that effects are counted in. */
const POINT = 0.05;

/**
 * The unseen values of each column apart, whatever the others do: a value that comes on one day in many says nothing of other
 * columns. Of most no healthy window has any, and then it is chance itself whose tail is taken for exponential.
 */
function levelUnseen(windows: readonly (readonly HealthyEffect[])[], scales: Scales, given: Levelling): void {
  const byColumn = new Map<string, HealthyEffect[][]>();
  windows.forEach((effects, i) => {
    for (const effect of effects) {
      if (effect.measure !== UNSEEN) continue;
      const known = byColumn.get(effect.column) ?? windows.map(() => []);
      byColumn.set(effect.column, known);
      known[i]?.push(effect);
    }
  });
  const perWindow = (given.perWindow * OWN_SHARES[UNSEEN]) / Math.max(1, byColumn.size);
  const least = Math.log(perWindow) / Math.log(POINT);
  for (const [column, own] of byColumn) {
    const byMeasure = scales.get(column);
    const scale = byMeasure?.get(UNSEEN) ?? 1;
    const { factor } = factorOf(own, scales, { ...given, perWindow, drifted: 1 });
    byMeasure?.set(UNSEEN, Math.max(least, scale * factor) / given.usual);
  }
}

/** How large the effects of each column and measure typically are; at least 1. */
export function scalesOf(windows: readonly (readonly Effect[])[], typical: number): Scales {
  const scales: Scales = new Map();
  for (const [column, byMeasure] of ratiosOf(windows)) {
    const found = [...byMeasure].map(([measure, all]) => [measure, Math.max(1, quantile(all, typical))] as const);
    scales.set(column, new Map(found));
  }
  return scales;
}

/** In order, by column and measure. */
function ratiosOf(windows: readonly (readonly Effect[])[]): Map<string, Map<string, number[]>> {
  const ratios = new Map<string, Map<string, number[]>>();
  for (const { column, measure, ratio } of windows.flat()) {
    const byMeasure = ratios.get(column) ?? new Map<string, number[]>();
    ratios.set(column, byMeasure);
    const known = byMeasure.get(measure);
    if (known === undefined) byMeasure.set(measure, [ratio]);
    else known.push(ratio);
  }
  for (const byMeasure of ratios.values()) for (const all of byMeasure.values()) all.sort((a, b) => a - b);
  return ratios;
}

/** Of values in order. */
const quantile = (sorted: readonly number[], p: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))]!;

/**
 * The windows with their effects as large, in their scales, as they are in those that all other windows make: so are those of
 * a new window, and its own effects in a scale would make each of a few windows look smaller than a new one.
 */
export function heldOut<T extends Effect>(
  windows: readonly (readonly T[])[],
  scales: Scales,
  typical: number,
): readonly (readonly T[])[] {
  const ratios = ratiosOf(windows);
  return windows.map((effects) =>
    effects.map((effect) => {
      const { column, measure, ratio } = effect;
      // They have a limit by column, in which its scale cancels.
      if (measure === UNSEEN) return effect;
      const sorted = ratios.get(column)?.get(measure) ?? [];
      const scale = scales.get(column)?.get(measure) ?? 1;
      return sorted.length < 2 ? effect : { ...effect, ratio: ratio * (scale / scaleWithout(sorted, ratio, typical)) };
    }),
  );
}

/** The scale of all values but this one. */
function scaleWithout(sorted: readonly number[], own: number, typical: number): number {
  const others = sorted.length - 1;
  const at = Math.min(others - 1, Math.floor(typical * others));
  return Math.max(1, own <= sorted[at]! ? sorted[at + 1]! : sorted[at]!);
}

/** The largest effect of a column in its scale; of the columns, the one that would make the window drift. */
function scoreOf(effects: readonly Effect[], scales: Scales, drifted: number): number {
  const byColumn = new Map<string, number>();
  for (const { column, measure, ratio } of effects) {
    const score = ratio / (scales.get(column)?.get(measure) ?? 1);
    byColumn.set(column, Math.max(byColumn.get(column) ?? 0, score));
  }
  return [...byColumn.values()].sort((a, b) => b - a)[drifted - 1] ?? 0;
}

/** `scores` in order. An exponential tail is heavier than that of a largest of many means, so it errs to the quiet side. */
function extrapolated(
  scores: readonly number[],
  { perWindow, tailFrom = TAIL_FROM }: Given,
  independent: number,
): number {
  const from = Math.floor(tailFrom * scores.length);
  const threshold = scores[from - 1]!;
  const tail = scores.slice(from);
  const mean = tail.reduce((sum, score) => sum + score - threshold, 0) / tail.length;
  const degrees = 2 * Math.max(1, Math.round((tail.length * independent) / scores.length));
  const bound = (degrees * mean) / chiSquareUpperPoint(TAIL_CONFIDENCE, degrees);
  return threshold + bound * Math.log(tail.length / scores.length / perWindow);
}

/**
 * The limits as for a rate so many times smaller: the tail of what chance gives is taken for exponential, which is heavier
 * than it is.
 */
export function rarer(calibration: Calibration, times: number): Calibration {
  const raised = 1 + Math.log(times) / Math.log(1 / calibration.perWindow);
  return { ...calibration, factor: calibration.factor * Math.max(1, raised) };
}

/**
 * The finding with the limit that the calibration gives it, where that is above its own or may be below it. `chosen`: the
 * limits that the policy names.
 */
export function calibrated(
  column: string,
  finding: Finding,
  { factor, scales, lowers = false }: Calibration,
  chosen: JudgePolicy['limits'] = {},
): Finding {
  const { measure, limit, null95 } = finding;
  if (MEASURES[measure].use === 'test' || limit === null || null95 === null) return finding;
  const scale = scales[column]?.[measure];
  if (lowers) {
    const found = factor * (scale ?? 0) * null95;
    // What is reached is beyond the limit, so it lies a hair above the largest healthy effect that must not alarm.
    return found > 0 && chosen[measure] === undefined ? { ...finding, limit: found * (1 + 1e-9) } : finding;
  }
  const raised = factor * (scale ?? 1) * null95;
  return raised > limit ? { ...finding, limit: raised } : finding;
}
