import type { Column } from '../column.ts';
import { shuffledRows } from '../sampling/shuffle.ts';
import { type Uniform, xoshiro128 } from '../sampling/xoshiro128.ts';
import { calibrate, effectRatio, FEWEST_WINDOWS, type HealthyEffect } from './calibration.ts';
import { compareColumn } from './compare-column.ts';
import { filledOf, isNearlyUnique } from './compare-profiles.ts';
import type { Calibration, JudgeColumn, JudgePolicy } from './judgement.ts';
import { decides } from './select-measures.ts';

/** Rows of a drawn side; effects are held against their law without drift, which knows the rows. */
const MOST_ROWS = 1000;
/** Drawn pairs that may exceed the limits: fewer would make them a matter of chance. */
const EXCEEDING = 4;
const MOST_RESAMPLES = 1000;
/** Chance is an argument: the same reference gives the same limits for ever. */
const SEED = 5;

/** Takes rows of a column; whoever reads columns knows how. */
export type TakeRows = (column: Column, rows: Int32Array) => Column;

/**
 * Limits of effects at which a given share of healthy tables alarms, found out on pairs of samples of the reference: both
 * have no drift but what chance gives, and the dependence between columns that the reference has. Columns come one by one;
 * every pair has the same rows of all of them. A table alarms when so many of its columns as a drifted table takes have
 * an effect beyond its limit. As for monitors, an effect counts in its 95 % point without drift and in the scale of its
 * column, so that a heavy tail of one column raises no limit but its own. Samples have at most 1,000 rows, without
 * replacement where the reference has enough. Columns with too few values to be judged are left out.
 */
export class LimitCalibration {
  readonly #policy: JudgePolicy;
  readonly #take: TakeRows;
  readonly #rate: number;
  readonly #draws: readonly { readonly reference: Int32Array; readonly window: Int32Array }[];
  /** The effects of all columns, by pair. */
  readonly #effects: readonly HealthyEffect[][];

  constructor(
    policy: JudgePolicy,
    given: { readonly rate: number; readonly n: number; readonly m: number; readonly take: TakeRows },
  ) {
    this.#policy = policy;
    this.#take = given.take;
    this.#rate = given.rate;
    const random = xoshiro128(SEED);
    const count = Math.max(FEWEST_WINDOWS, Math.min(MOST_RESAMPLES, Math.ceil(EXCEEDING / given.rate)));
    this.#draws = Array.from({ length: count }, () => drawPair(given, random));
    this.#effects = this.#draws.map(() => []);
  }

  /** Rows of each side of a pair. */
  get rows(): { readonly reference: number; readonly window: number } {
    const [first] = this.#draws;
    return { reference: first?.reference.length ?? 0, window: first?.window.length ?? 0 };
  }

  /** Takes in a column of the reference; its window does not matter. */
  add(column: JudgeColumn): void {
    const { reference, profile } = column;
    const { minimumRows } = this.#policy;
    if (reference === null || column.role === 'segment' || filledOf(profile) < minimumRows) return;
    // Free text keeps its own limits: describing it hundreds of times would take minutes.
    if (isNearlyUnique(profile)) return;
    // A sample may have fewer of its values than a table needs.
    const policy = { ...this.#policy, minimumRows: 0 };
    const found: HealthyEffect[][] = this.#draws.map(() => []);
    for (const [i, draw] of this.#draws.entries()) {
      const sides = { reference: this.#take(reference, draw.reference), window: this.#take(reference, draw.window) };
      for (const finding of compareColumn({ ...column, ...sides }, policy).findings) {
        const effect = decides(finding.measure, policy) ? effectRatio(column.name, finding) : null;
        if (effect !== null) found[i]?.push(effect);
      }
    }
    // Of a change that no sample shows, as of missing values where there are none, nothing is found out.
    const shown = new Set(
      found.flatMap((effects) => effects.flatMap(({ measure, ratio }) => (ratio > 0 ? [measure] : []))),
    );
    for (const [i, effects] of found.entries()) {
      this.#effects[i]?.push(...effects.filter(({ measure }) => shown.has(measure)));
    }
  }

  finish(): Calibration {
    const drifted = Math.max(1, this.#policy.minimumDriftedColumns);
    return { ...calibrate(this.#effects, { perWindow: this.#rate, drifted }), lowers: true };
  }
}

function drawPair({ n, m }: { readonly n: number; readonly m: number }, random: Uniform) {
  const [r, w] = [Math.min(MOST_ROWS, n), Math.min(MOST_ROWS, m)];
  if (r + w <= n) {
    const rows = shuffledRows(n, random, r + w);
    return { reference: rows.slice(0, r).sort(), window: rows.slice(r).sort() };
  }
  const draw = (count: number): Int32Array => Int32Array.from({ length: count }, () => Math.floor(random() * n)).sort();
  return { reference: draw(r), window: draw(w) };
}
