#!/usr/bin/env node
// The `tidemark` command. Plain JavaScript, because it starts on whatever Node the system has.
import * as nodeModule from 'node:module';
import { join } from 'node:path';
import { explain, runCompiled, takeServiceFlags } from './launch.mjs';
import { BUILD, MODULES, prepare } from './prepare.mjs';

await explain(async () => {
  takeServiceFlags(process.argv.slice(2));
  await prepare();
  // A command is short, and compiling what it loads is a good part of it. Older Nodes only start a newer one.
  nodeModule.enableCompileCache?.(join(BUILD, '.compiled'));
  // Words in sixty languages that nothing asks for are half of what loading zod takes.
  nodeModule.registerHooks?.({
    resolve: (specifier, context, next) =>
      specifier === '../locales/index.js' && context.parentURL?.includes('/node_modules/zod/')
        ? { url: 'data:text/javascript,', format: 'module', shortCircuit: true }
        : next(specifier, context),
  });
  await runCompiled(join(BUILD, 'src', 'cli.js'), process.argv.slice(2), MODULES);
});
