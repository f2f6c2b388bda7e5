import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

/** What became of the mutants of one file. */
type FileResult = {
  /** Git's name of the source's content: whether it has changed since, `git hash-object` tells. */
  readonly blob: string;
  readonly mutants: number;
  readonly killed: number;
  readonly timedOut: number;
  readonly survived: number;
  readonly noCoverage: number;
  /** Every mutant that no test noticed, and why it may live; null for one that has not been looked at. */
  readonly survivors: readonly Survivor[];
};

type Survivor = { readonly place: string; readonly mutation: string; readonly why: string | null };

/** What Stryker writes, as far as it is read here. */
type Report = { readonly files: Readonly<Record<string, ReportedFile>> };
type ReportedFile = { readonly source: string; readonly mutants: readonly Mutant[] };
type Place = { readonly line: number; readonly column: number };
type Mutant = {
  readonly status: string;
  readonly mutatorName: string;
  readonly replacement?: string;
  readonly location: { readonly start: Place; readonly end: Place };
};

const RESULTS = new URL('results.json', import.meta.url);

export type Results = Record<string, { score: number; files: Record<string, FileResult> }>;

/** Puts a report's files into results.json, by folder of src/stats; what was said of a survivor before is kept. */
export function record(reportFile: string): void {
  // Written by Stryker and by this function, so their shapes are known.
  const report = JSON.parse(readFileSync(reportFile, 'utf8')) as Report;
  const results = JSON.parse(readFileSync(RESULTS, 'utf8')) as Results;
  for (const [path, file] of Object.entries(report.files)) {
    const name = path.replace('src/stats/', '');
    const folder = name.includes('/') ? name.slice(0, name.indexOf('/')) : '.';
    const known = results[folder] ?? { score: 0, files: {} };
    results[folder] = known;
    known.files[name] = resultOf(file, known.files[name]?.survivors ?? []);
    known.score = score(Object.values(known.files));
  }
  writeFileSync(RESULTS, `${JSON.stringify(sorted(results), null, 2)}\n`);
}

/**
 * Where the mutants are that no test noticed, as Stryker is told what to mutate: with columns from zero. All of a file
 * that has changed since, where places are others.
 */
export function livingOf(reportFile: string): string[] {
  const { files } = JSON.parse(readFileSync(reportFile, 'utf8')) as Report;
  return Object.entries(files).flatMap(([path, { source, mutants }]) => {
    if (readFileSync(path, 'utf8') !== source) return [path];
    return mutants.filter(isAlive).map(({ location: { start, end } }) => {
      return `${path}:${start.line}:${start.column - 1}-${end.line}:${end.column - 1}`;
    });
  });
}

const isAlive = ({ status }: Mutant): boolean => status === 'Survived' || status === 'NoCoverage';

function resultOf({ source, mutants }: ReportedFile, before: readonly Survivor[]): FileResult {
  const lines = source.split('\n');
  const count = (status: string): number => mutants.filter((mutant) => mutant.status === status).length;
  const alive = mutants.filter(isAlive);
  const survivors = alive.map((mutant): Survivor => {
    const mutation = `${textOf(lines, mutant)} → ${mutant.replacement ?? mutant.mutatorName}`.replaceAll(/\s+/g, ' ');
    const { line, column } = mutant.location.start;
    const place = `${line}:${column}`;
    const same = before.filter((one) => one.mutation === mutation);
    const said = same.find((one) => one.place === place) ?? same[0];
    return { place, mutation, why: said?.why ?? null };
  });
  return {
    blob: createHash('sha1')
      .update(`blob ${Buffer.byteLength(source)}\0${source}`)
      .digest('hex')
      .slice(0, 12),
    mutants: mutants.length,
    killed: count('Killed'),
    timedOut: count('Timeout'),
    survived: count('Survived'),
    noCoverage: count('NoCoverage'),
    survivors,
  };
}

/** The mutated piece of source; the middle of a long one is left out. */
function textOf(lines: readonly string[], { location: { start, end } }: Mutant): string {
  const part = lines.slice(start.line - 1, end.line);
  const last = part.length - 1;
  part[last] = part[last]!.slice(0, end.column - 1);
  part[0] = part[0]!.slice(start.column - 1);
  const text = part.join(' ');
  return text.length <= 100 ? text : `${text.slice(0, 60)} … ${text.slice(-30)}`;
}

/** The share of mutants that were noticed, in percent. */
function score(files: readonly FileResult[]): number {
  const sum = (of: (file: FileResult) => number): number => files.reduce((total, file) => total + of(file), 0);
  return Math.round((10_000 * sum((file) => file.killed + file.timedOut)) / sum((file) => file.mutants)) / 100;
}

function sorted(results: Results): Results {
  const byName = <T>(all: Record<string, T>): Record<string, T> =>
    Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)));
  return byName(
    Object.fromEntries(
      Object.entries(results).map(([folder, { score, files }]) => [folder, { score, files: byName(files) }]),
    ),
  );
}
