/**
 * Which changes of the statistics no test notices: `npm run test:mutation -- hypothesis-tests/levene distances`, by the names of
 * units or of their folders; all without any. Takes hours, so it is for a change of a formula or of its tests. What was
 * found is put into results.json, where every mutant that lives has its reason. With `--alive` only those that lived
 * in the last run are tried, after tests were added.
 */
import { Stryker } from '@stryker-mutator/core';
import { livingOf, record } from './record.ts';
import { UNITS } from './units.ts';

const asked = process.argv.slice(2).filter((word) => word !== '--alive');
const alive = process.argv.includes('--alive');
const names = Object.keys(UNITS).filter(
  (name) => asked.length === 0 || asked.some((one) => name === one || name.startsWith(`${one}/`)),
);
if (names.length === 0) throw new Error(`no such unit; there are ${Object.keys(UNITS).join(', ')}`);

for (const name of names) {
  const { sources, tests } = UNITS[name]!;
  const folder = `dist/mutation/${name}`;
  const mutate = alive ? livingOf(`${folder}/report.json`) : sources.map((source) => `src/stats/${source}.ts`);
  if (mutate.length === 0) continue;
  process.env.MUTATION_TESTS = tests.map((test) => `test/stats/${test}.test.ts`).join(',');
  await new Stryker({
    configFile: 'test/mutation/stryker.config.json',
    mutate,
    force: alive,
    jsonReporter: { fileName: `${folder}/report.json` },
    incrementalFile: `${folder}/incremental.json`,
    tempDirName: `${folder}/sandbox`,
  }).runMutationTest();
  record(`${folder}/report.json`);
}
