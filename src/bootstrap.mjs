/**
 * From a fresh clone to a running service, with nothing but Node 20 and npm:
 *
 *   node src/bootstrap.mjs start | build | release FOLDER | test | e2e [vitest's arguments] | bench [its arguments]
 */
import { join } from 'node:path';
import { explain, findNode, Refusal, run, runCompiled } from './launch.mjs';
import { BUILD, MODULES, prepare, ROOT } from './prepare.mjs';
import { writeRelease } from './release-folder.mjs';

const COMMANDS = new Map([
  ['build', async () => {}],
  ['release', async ([folder]) => writeRelease(folder)],
  ['start', (args) => runCompiled(join(BUILD, 'src', 'main.js'), args, MODULES)],
  ['test', (args) => runScript(join(MODULES, 'vitest', 'vitest.mjs'), ['run', '-c', 'test/vitest.config.ts', ...args])],
  [
    'e2e',
    (args) => runScript(join(MODULES, 'vitest', 'vitest.mjs'), ['run', '-c', 'test/vitest.e2e.config.ts', ...args]),
  ],
  ['bench', (args) => runScript(join(ROOT, 'test', 'bench', 'main.ts'), args)],
]);

async function runScript(script, args) {
  process.exitCode = await run(findNode(MODULES), [script, ...args], { cwd: ROOT, stdio: 'inherit' });
}

await explain(async () => {
  const [name, ...args] = process.argv.slice(2);
  const command = COMMANDS.get(name);
  if (command === undefined) throw new Refusal(`usage: node src/bootstrap.mjs ${[...COMMANDS.keys()].join(' | ')}`);
  await prepare();
  await command(args);
});
