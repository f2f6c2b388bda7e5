#!/usr/bin/env node
// The `tidemark` command. Plain JavaScript, because it starts on whatever Node the system has.
import * as nodeModule from 'node:module';
import { join } from 'node:path';
import { explain, mayServe, runCompiled, takeServiceFlags } from './launch.mjs';
import { BUILD, MODULES, prepare, resolveJoined } from './prepare.mjs';

await explain(async () => {
  const args = process.argv.slice(2);
  takeServiceFlags(args);
  await prepare();
  // A command is short, and compiling what it loads is a good part of it. Older Nodes only start a newer one.
  nodeModule.enableCompileCache?.(join(BUILD, '.compiled'));
  // Where no stack is shown, to read the maps of all that is loaded would be a tenth of the start.
  const maps = mayServe(args) || process.env.TIDEMARK_DEBUG === 'on';
  if (!mayServe(args)) nodeModule.registerHooks?.({ resolve: resolveJoined });
  await runCompiled(join(BUILD, 'src', 'cli.js'), args, MODULES, { maps });
});
