import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { BenchOptions } from './main.ts';
import { interleave, median, medianRatio, type Times } from './measure.ts';
import type { BenchResult } from './report.ts';

const CLI = fileURLToPath(new URL('../../src/tidemark.mjs', import.meta.url));
const SCRIPTS = fileURLToPath(new URL('peers/', import.meta.url));

type Form = 'csv' | 'parquet';

type Peer = {
  readonly script: string;
  /** How many times as fast we are to be, by the form of the files. */
  readonly aims: Readonly<Partial<Record<Form, number>>>;
  /** Columns that it does not get, because it would not come to an end with them. */
  readonly without?: readonly string[];
};

/** By Python's package; versions stand in the scripts. */
const PEERS: Readonly<Record<string, Peer>> = {
  'pandas + SciPy': { script: 'pandas_scipy.py', aims: { csv: 10, parquet: 5 } },
  TFDV: { script: 'tfdv_drift.py', aims: { parquet: 8 } },
  NannyML: { script: 'nannyml_drift.py', aims: { parquet: 10 } },
  whylogs: { script: 'whylogs_profile.py', aims: { parquet: 20 } },
  Evidently: { script: 'evidently_report.py', aims: { parquet: 25 }, without: ['c4', 'id'] },
};

/** What a tool took, whole process: wall clock, and the processor of it and its children. */
type Took = { readonly wall: Times; readonly processor: readonly number[] };

/**
 * Two tables compared column by column, as whole processes from the files to the answer: `tidemark compare` against
 * what people use from Python. Needs `uv`, which fetches each tool at its pinned version; UV may name it.
 */
export async function benchPeers({ folder, quick }: BenchOptions): Promise<BenchResult[]> {
  const uv = process.env.UV ?? 'uv';
  if (spawnSync(uv, ['--version']).status !== 0) {
    process.stderr.write('without uv there are no peers to run (UV may say where it is)… ');
    return [];
  }
  for (const { script } of Object.values(PEERS)) await run(uv, ['sync', '--quiet', '--script', join(SCRIPTS, script)]);
  const rows = quick ? 100_000 : 1_000_000;
  const results: BenchResult[] = [];
  for (const form of ['parquet', 'csv'] as const) {
    const pair = await writePair(folder, { form, rows });
    for (const [name, peer] of Object.entries(PEERS)) {
      const aim = peer.aims[form];
      if (aim === undefined) continue;
      const script = ['run', '--quiet', '--script', join(SCRIPTS, peer.script), ...pair, ...(peer.without ?? [])];
      const compared = await compare(
        { ours: [process.execPath, CLI, 'compare', ...pair, '--json'], theirs: [uv, ...script] },
        quick ? 1 : 2,
      );
      results.push(resultOf({ name, form, rows, aim, ...compared }));
    }
  }
  return results;
}

async function compare(
  commands: Readonly<Record<'ours' | 'theirs', readonly string[]>>,
  rounds: number,
): Promise<{ ours: Took; theirs: Took }> {
  const processor: Record<'ours' | 'theirs', number[]> = { ours: [], theirs: [] };
  const contender = (name: 'ours' | 'theirs') => async (round: number) => {
    const [command = '', ...args] = commands[name];
    const seconds = await run(command, args);
    if (round > 0) processor[name].push(1000 * seconds);
    return undefined;
  };
  const { ours, theirs } = await interleave({ ours: contender('ours'), theirs: contender('theirs') }, { rounds });
  return { ours: { wall: ours, processor: processor.ours }, theirs: { wall: theirs, processor: processor.theirs } };
}

/** @returns seconds of processor time, of the command and everything it started. */
async function run(command: string, args: readonly string[]): Promise<number> {
  // A shell, for what it says of its children in the end.
  const child = spawn('bash', ['-c', 'TIMEFORMAT="%U %S"; time "$@"', 'bash', command, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text));
  const [code] = await once(child, 'close');
  const [user, system] = (said.join('').trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  if (code !== 0) throw new Error(`${[command, ...args].join(' ')} ended with ${code}: ${said.join('')}`);
  return (user ?? 0) + (system ?? 0);
}

type Pair = readonly [reference: string, current: string];

/**
 * 14 columns of numbers (doubles of full precision, rounded ones, counts, with holes and ties) and 6 of text, of 2 to
 * 100,000 values and an id. In the second table three of them have moved.
 */
async function writePair(folder: string, { form, rows }: { form: Form; rows: number }): Promise<Pair> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const duckdb = await instance.connect();
  try {
    const reference = await writeSide(duckdb, join(folder, `reference.${form}`), { rows, first: 0, shift: 0 });
    return [reference, await writeSide(duckdb, join(folder, `current.${form}`), { rows, first: rows, shift: 0.1 })];
  } finally {
    duckdb.closeSync();
    instance.closeSync();
  }
}

type Side = { readonly rows: number; readonly first: number; readonly shift: number };

async function writeSide(duckdb: DuckDBConnection, path: string, { rows, first, shift }: Side): Promise<string> {
  const uniform = (column: number): string => `(hash(i * 20 + ${column}) / 18446744073709551616.0)`;
  const columns = [
    ...[0, 1, 2, 3, 4].map((k) => `-ln(1 - ${uniform(k)}) * ${k + 1} + ${k === 0 ? shift : 0} as n${k}`),
    ...[5, 6, 7, 8].map((k) => `round(${uniform(k)} * ${10 ** (k - 4)} + ${k === 5 ? shift : 0}, 2) as n${k}`),
    ...[9, 10, 11].map((k) => `cast(floor(${uniform(k)} * ${10 ** (k - 8)}) as bigint) as n${k}`),
    ...[12, 13].map((k) => `case when ${uniform(k)} < 0.05 then null else ${uniform(k + 20)} end as n${k}`),
    ...[2, 10, 100, 1000, 100_000].map((values, k) => {
      const place = k === 1 ? `pow(${uniform(14 + k)}, ${1 + shift})` : uniform(14 + k);
      return `'value ' || cast(floor(${place} * ${values}) as integer) as c${k}`;
    }),
    `'row-' || i as id`,
  ];
  const format = path.endsWith('.csv') ? 'format csv, header' : 'format parquet, compression zstd';
  await duckdb.run(
    `copy (select ${columns.join(', ')} from range(${first}, ${first + rows}) t(i)) to '${path}' (${format})`,
  );
  return path;
}

type Compared = {
  readonly name: string;
  readonly form: Form;
  readonly rows: number;
  readonly aim: number;
  readonly ours: Took;
  readonly theirs: Took;
};

function resultOf({ name, form, rows, aim, ours, theirs }: Compared): BenchResult {
  const [own, peer] = [median(ours.processor), median(theirs.processor)];
  const without = PEERS[name]?.without;
  const left = without === undefined ? '' : ` (without ${without.join(' and ')})`;
  const millions = `${rows / 1e6}M`;
  return {
    name: `peers ${form} ${name}`,
    what: `${name}${left} / tidemark compare, ${millions} x ${millions} rows x 20 columns, whole processes`,
    unit: '×',
    value: medianRatio(theirs.wall, ours.wall),
    aim: { at: 'least', value: aim },
    figures: {
      'ours ms': ours.wall.median,
      'theirs ms': theirs.wall.median,
      'ours processor ms': own,
      'theirs processor ms': peer,
      'processor time ×': peer / own,
    },
  };
}
