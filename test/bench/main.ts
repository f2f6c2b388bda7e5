/**
 * npm run bench -- [push] [pull] [memory] [ingestion] [profile] [growth] [peers] [judge] [truth] [dvc] [client] [objects]
 *              [quiet] [weeks] [delivery] [storm] [huge] [--quick] [--json]
 *
 * Every figure is a ratio of two things measured in this run, or memory. Data is generated from fixed seeds in a
 * temporary folder and removed.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchCensusWeeks } from './census-weeks.ts';
import { benchClient } from './client.ts';
import { benchDelivery } from './delivery.ts';
import { benchDvc } from './dvc.ts';
import { benchGrowth } from './growth.ts';
import { benchHuge } from './huge.ts';
import { benchIngestion } from './ingestion.ts';
import { benchIngestionForms } from './ingestion-forms.ts';
import { benchIngestionJudging } from './ingestion-judging.ts';
import { benchJudge } from './judge.ts';
import { sinkValue } from './measure.ts';
import { benchMemory } from './memory.ts';
import { benchObjects } from './objects.ts';
import { benchPeers } from './peers.ts';
import { benchProfile } from './profile.ts';
import { benchPull } from './pull.ts';
import { benchPush } from './push.ts';
import { benchQuiet } from './quiet.ts';
import { type BenchResult, isMet, table } from './report.ts';
import { benchStorm } from './storm.ts';
import { benchTruth } from './truth.ts';

export type BenchOptions = { readonly folder: string; readonly quick: boolean };

const BENCHES: Readonly<Record<string, (options: BenchOptions) => Promise<BenchResult[]>>> = {
  push: benchPush,
  pull: benchPull,
  memory: benchMemory,
  ingestion: async (options) => [
    ...(await benchIngestion(options)),
    ...(await benchIngestionForms(options)),
    ...(await benchIngestionJudging(options)),
  ],
  profile: benchProfile,
  growth: benchGrowth,
  peers: benchPeers,
  judge: benchJudge,
  truth: benchTruth,
  dvc: benchDvc,
  client: benchClient,
  objects: benchObjects,
  quiet: benchQuiet,
  weeks: benchCensusWeeks,
  delivery: benchDelivery,
  storm: benchStorm,
  huge: benchHuge,
};

/** Takes tens of gigabytes: only who names it wants it. */
const ON_REQUEST = new Set(['huge']);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
});
const unknown = positionals.filter((name) => !Object.hasOwn(BENCHES, name));
if (unknown.length > 0) {
  process.stderr.write(`There is no bench ${unknown.join(', ')}; known: ${Object.keys(BENCHES).join(', ')}.\n`);
  process.exit(2);
}

const results: BenchResult[] = [];
for (const [name, bench] of Object.entries(BENCHES)) {
  if (positionals.length > 0 ? !positionals.includes(name) : ON_REQUEST.has(name)) continue;
  const folder = mkdtempSync(join(tmpdir(), `tidemark-bench-${name}-`));
  const started = performance.now();
  process.stderr.write(`${name}… `);
  try {
    results.push(...(await bench({ folder, quick: values.quick })));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  process.stderr.write(`${Math.round((performance.now() - started) / 1000)} s\n`);
}
if (values.json) {
  const shown = results.map((result) => ({ ...result, met: isMet(result) }));
  process.stdout.write(`${JSON.stringify({ node: process.version, results: shown }, null, 2)}\n`);
} else process.stdout.write(`\n${table(results)}\n\n(sink ${sinkValue()})\n`);
