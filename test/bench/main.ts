/**
 * npm run bench -- [push] [pull] [memory] [ingestion] [profile] [growth] [peers] [judge] [truth] [dvc] [client] [objects]
 *              [quiet] [weeks] [delivery] [storm] [hostile] [cold-push] [huge] [long-log] [vectors] [--quick] [--json] [--remote directory | s3]
 *
 * Every figure is a ratio of two things measured in this run, or memory. Data is generated from fixed seeds in a
 * temporary folder and removed. With `--remote s3` what moves objects does so into a bucket of the S3 server that
 * VERSITYGW names, and so does what it is compared with.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchCensusWeeks } from './census-weeks.ts';
import { benchClient } from './client.ts';
import { benchColdPush } from './cold-push.ts';
import { benchDelivery } from './delivery.ts';
import { benchDvc } from './dvc.ts';
import { benchGrowth } from './growth.ts';
import { benchHostile } from './hostile.ts';
import { benchHuge } from './huge.ts';
import { benchIngestion } from './ingestion.ts';
import { benchIngestionForms } from './ingestion-forms.ts';
import { benchIngestionJudging } from './ingestion-judging.ts';
import { benchJudge } from './judge.ts';
import { benchLongLog } from './long-log.ts';
import { sinkValue } from './measure.ts';
import { benchMemory } from './memory.ts';
import { benchObjects } from './objects.ts';
import { benchPeers } from './peers.ts';
import { openPlace, type Place } from './place.ts';
import { benchProfile } from './profile.ts';
import { benchPull } from './pull.ts';
import { benchPush } from './push.ts';
import { benchQuiet } from './quiet.ts';
import { type BenchResult, isMet, table } from './report.ts';
import { benchStorm } from './storm.ts';
import { benchTruth } from './truth.ts';
import { benchVectors } from './vectors.ts';

export type BenchOptions = { readonly folder: string; readonly quick: boolean; readonly place: Place };

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
  'cold-push': benchColdPush,
  hostile: benchHostile,
  huge: benchHuge,
  'long-log': benchLongLog,
  vectors: benchVectors,
};

/** Take tens of gigabytes, or a quarter of an hour: only who names them wants them. */
const ON_REQUEST = new Set(['huge', 'long-log', 'vectors']);

/** The others would find the same in any place. */
const OF_PLACES = new Set(['push', 'pull', 'memory', 'dvc', 'client', 'cold-push', 'huge']);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    remote: { type: 'string', default: 'directory' },
  },
});
const { quick, remote } = values;
if (remote !== 'directory' && remote !== 's3') refuse('--remote is directory or s3.');
const known = Object.keys(BENCHES).filter((name) => remote === 'directory' || OF_PLACES.has(name));
const unknown = positionals.filter((name) => !known.includes(name));
if (unknown.length > 0) refuse(`There is no bench ${unknown.join(', ')}; known: ${known.join(', ')}.`);

const results: BenchResult[] = [];
for (const name of known) {
  if (positionals.length > 0 ? !positionals.includes(name) : ON_REQUEST.has(name)) continue;
  const folder = mkdtempSync(join(tmpdir(), `tidemark-bench-${name}-`));
  const place = await openPlace(remote, folder);
  const started = performance.now();
  process.stderr.write(`${name}… `);
  try {
    const found = (await BENCHES[name]?.({ folder, quick, place })) ?? [];
    results.push(...found.map((result) => (remote === 's3' ? { ...result, name: `${result.name}, s3` } : result)));
  } finally {
    await place.end();
    rmSync(folder, { recursive: true, force: true });
  }
  process.stderr.write(`${Math.round((performance.now() - started) / 1000)} s\n`);
}
if (values.json) {
  const shown = results.map((result) => ({ ...result, met: isMet(result) }));
  process.stdout.write(`${JSON.stringify({ node: process.version, results: shown }, null, 2)}\n`);
} else process.stdout.write(`\n${table(results)}\n\n(sink ${sinkValue()})\n`);

function refuse(why: string): never {
  process.stderr.write(`${why}\n`);
  process.exit(2);
}
