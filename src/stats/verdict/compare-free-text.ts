import type { CategoryColumn } from '../column.ts';
import { wassersteinNull } from '../distances/wasserstein.ts';
import { shuffledRows } from '../sampling/shuffle.ts';
import { xoshiro128 } from '../sampling/xoshiro128.ts';
import { momentsOf } from '../summaries/moments.ts';
import { describeTexts, TEXT_DESCRIPTORS, type TextDescriptor, vocabularyOf } from '../summaries/text-descriptors.ts';
import type { Sides } from './align-sides.ts';
import { cellsOfBins } from './cells.ts';
import type { Comparison } from './column-comparison.ts';
import { finding, lacking, missingFinding } from './findings.ts';
import type { Finding, JudgedBin, JudgePolicy } from './judgement.ts';
import { decision, floorOf } from './made-findings.ts';
import { MEASURES, type MeasureName } from './measures.ts';
import { numberFindings } from './number-findings.ts';
import { numberPair } from './number-pair.ts';
import { type NumberSample, nullsOf, numberSample } from './samples.ts';
import { TEXT_MEASURE_OF, TEXT_MEASURES } from './text-measures.ts';

/** Rows of a side whose texts are looked at: more would take seconds. */
const MOST_ROWS = 10_000;
/** Rows of the reference that tell whether it is language. */
const GLANCE = 500;
/** Chance is an argument: the same columns are compared alike for ever. */
const SEED = 10;
/** Free text has a space in at least this share of its rows, and letters for at least this share of its characters. */
const SPACED = 0.5;
const LETTERS = 0.5;

/**
 * A column of which nearly every text is different, by what its texts are like: their length, words, new words and kinds
 * of characters, each as a column of numbers. The column's p is the smallest of theirs, times their number. New words
 * are those that a random half of the reference lacks, counted in the other half and in the window: of the half itself
 * there are none. Null for texts that are no language, such as identifiers: they change by themselves.
 */
export function compareFreeText(sides: Sides<CategoryColumn>, policy: JudgePolicy): Comparison | null {
  const random = xoshiro128(SEED);
  const reference = drawn(sides.reference, shuffledRows(sides.reference.length, random, 2 * MOST_ROWS));
  // Identifiers are told by a few of them: describing all would take longer than comparing the rest of a table.
  if (!isLanguage(describeTexts(part(reference, 0, GLANCE), new Set()))) return null;
  const half = reference.length >> 1;
  const vocabulary = vocabularyOf(part(reference, 0, half));
  const r = describeTexts(part(reference, half, reference.length), vocabulary);
  const w = describeTexts(drawn(sides.window, shuffledRows(sides.window.length, random, MOST_ROWS)), vocabulary);
  const chosen = TEXT_DESCRIPTORS.filter((name) => isChosen(name, policy));
  const findings = chosen.map((name) => textFinding(name, numberSample(r[name]), numberSample(w[name]), policy));
  const rows = { reference: sides.reference.length, window: sides.window.length };
  const nulls = { reference: nullsOf(sides.reference), window: nullsOf(sides.window) };
  const missing = missingFinding(presence(rows, nulls), policy);
  const floor = floorOf(
    rows,
    { reference: rows.reference - nulls.reference, window: rows.window - nulls.window },
    policy,
  );
  const anyMissing = nulls.reference + nulls.window > 0;
  const counts = (side: 'reference' | 'window') => ({
    rows: rows[side],
    nulls: nulls[side],
    ...{ nan: 0, unseen: 0, below: 0, above: 0 },
  });
  return {
    kind: 'category',
    incomparable: null,
    ...floor,
    cells: 0,
    ...decision(anyMissing ? [...findings, missing] : findings, missing, floor),
    counts: { reference: counts('reference'), window: counts('window') },
    bins: [],
    findings: [...findings, missing],
  };
}

/** Those that are named, or all of them where none is. */
function isChosen(name: TextDescriptor, { measures }: JudgePolicy): boolean {
  const named = measures?.some((measure) => Object.hasOwn(TEXT_MEASURES, measure)) ?? false;
  return !named || measures?.includes(TEXT_MEASURE_OF[name]) === true;
}

const TEST: MeasureName = 'combined_ranks/cauchy@1';

/** The least deviation that is divided by: of counts one, of shares one per cent, so that what was constant can move. */
const leastDeviation = (name: TextDescriptor): number => (name === 'characters' || name === 'words' ? 1 : 0.01);

/** The distance of one descriptor, with the p-value of the standard test of numbers. */
function textFinding(name: TextDescriptor, r: NumberSample, w: NumberSample, policy: JudgePolicy): Finding {
  const measure = TEXT_MEASURE_OF[name];
  const reason = lacking(r.finite, w.finite);
  if (reason !== null) return finding(measure, policy, { reason });
  const pair = numberPair({ r, w, cells: cellsOfBins([]) });
  const [n, m] = [r.finite.length, w.finite.length];
  const { mean, m2 } = momentsOf(r.finite, n);
  const std = Math.sqrt(m2 / n);
  const scale = Math.max(std, leastDeviation(name));
  const law = wassersteinNull(n, m);
  const [test] = numberFindings([TEST], pair, policy);
  return finding(measure, policy, {
    value: pair.walked().wasserstein / scale,
    nullMean: (law.mean * std) / scale,
    null95: (law.point95 * std) / scale,
    p: test?.p ?? null,
    parameters: { n, m, referenceMean: mean, windowMean: momentsOf(w.finite, m).mean, referenceStd: std },
  });
}

type Described = Readonly<Record<TextDescriptor, ReturnType<typeof describeTexts>['letters']>>;

function isLanguage(described: Described): boolean {
  const [spaces, letters] = [numberSample(described.spaces).finite, numberSample(described.letters).finite];
  if (spaces.length === 0) return false;
  const spaced = spaces.filter((share) => share > 0).length / spaces.length;
  return spaced >= SPACED && momentsOf(letters, letters.length).mean >= LETTERS;
}

function drawn(column: CategoryColumn, rows: Int32Array): CategoryColumn {
  return withCodes(
    column,
    Int32Array.from(rows, (row) => column.codes[row] ?? -1),
  );
}

const part = (column: CategoryColumn, from: number, to: number): CategoryColumn =>
  withCodes(column, column.codes.subarray(from, to));

/** With the texts of its own rows alone: of the others nothing is to be described. */
function withCodes(column: CategoryColumn, codes: Int32Array): CategoryColumn {
  const known = new Map<number, number>();
  const own = codes.map((code) => {
    if (code < 0) return -1;
    const renamed = known.get(code) ?? known.size;
    known.set(code, renamed);
    return renamed;
  });
  const dictionary = Array.from(known.keys(), (code) => column.dictionary[code] ?? '');
  return { ...column, length: codes.length, codes: own, dictionary };
}

type Counted = { readonly reference: number; readonly window: number };

function presence(rows: Counted, nulls: Counted): JudgedBin[] {
  const ends = { lower: null, upper: null };
  return [
    {
      kind: 'value',
      label: 'present',
      ...ends,
      reference: rows.reference - nulls.reference,
      window: rows.window - nulls.window,
    },
    { kind: 'missing', label: 'missing', ...ends, ...nulls },
  ];
}

/** What of a finding on free text a sentence tells: by how much it changed. Null for other measures. */
export function textChange({ measure, parameters }: Pick<Finding, 'measure' | 'parameters'>): string | null {
  if (!Object.hasOwn(TEXT_MEASURES, measure)) return null;
  const { referenceMean: before, windowMean: after } = parameters;
  if (typeof before !== 'number' || typeof after !== 'number') return null;
  const told = (x: number): string => String(Number(x.toPrecision(3)));
  const share = !(measure === 'text/characters@1' || measure === 'text/words@1');
  const [from, to] = share ? [`${told(100 * before)} %`, `${told(100 * after)} %`] : [told(before), told(after)];
  return `${MEASURES[measure].title}: ${from} on average before, ${to} now.`;
}
