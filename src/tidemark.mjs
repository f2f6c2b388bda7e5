#!/usr/bin/env node
// The `tidemark` command. Plain JavaScript, because it starts on whatever Node the system has.
import { join } from 'node:path';
import { explain, runCompiled } from './launch.mjs';
import { BUILD, MODULES, prepare } from './prepare.mjs';

await explain(async () => {
  await prepare();
  await runCompiled(join(BUILD, 'src', 'cli.js'), process.argv.slice(2), MODULES);
});
