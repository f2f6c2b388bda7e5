/**
 * A folder that runs Tidemark by itself: what was built, the packages that running takes, and the Node that all of it
 * was tested on. It is moved as it is, may be read-only, and needs neither npm nor a network.
 */
import * as fs from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { findNode, Refusal, say } from './launch.mjs';
import { BUILD, MODULES, RELEASED, ROOT } from './prepare.mjs';

/** Sources are in `dist` already, compiled; what lies beside them (styles, migrations, the demo's tables) is read where it is. */
const SOURCE = /\.tsx?$/;
/** What would compile something against Node: a third of its package. */
const HEADERS = /\/node_modules\/node-[^/]+\/include$/;
const LAUNCHER = `#!/bin/sh
# Tidemark on the Node that it came with, from wherever this is called, also by a link.
self=$(readlink -f -- "$0")
node="\${self%/*}/node"
[ -x "$node" ] || node=node
exec "$node" "\${self%/bin/*}/src/tidemark.mjs" "$@"
`;

/**
 * Writes such a folder, of a clone that is installed and built.
 * @throws Refusal when something lies there already: a release that runs must not change under its service.
 */
export function writeRelease(target) {
  if (target === undefined) throw new Refusal('say where to: npm run release -- /opt/tidemark');
  const folder = resolve(target);
  if (fs.existsSync(folder) && fs.readdirSync(folder).length > 0) {
    throw new Refusal(`${folder} is not empty; name a new folder, and let a link say which one is in use.`);
  }
  // Beside it, so that a folder of this name is a whole one.
  const part = `${folder}.part`;
  fs.rmSync(part, { recursive: true, force: true });
  fs.mkdirSync(part, { recursive: true });
  fs.copyFileSync(join(ROOT, 'package.json'), join(part, 'package.json'));
  copyBuild(part);
  copyPackages(part);
  writeLauncher(part);
  fs.writeFileSync(join(part, relative(ROOT, RELEASED)), '');
  fs.renameSync(part, folder);
  say(`${folder} is whole: ${join(folder, 'bin', 'tidemark')} serve`);
}

function copyBuild(part) {
  for (const name of ['src', 'schemas', 'workers', 'packages']) {
    fs.cpSync(join(BUILD, name), join(part, 'dist', name), { recursive: true });
  }
  for (const name of ['src', join('schemas', 'migrations')]) {
    const filter = (path) => !SOURCE.test(path);
    fs.cpSync(join(ROOT, name), join(part, name), { recursive: true, filter });
  }
}

/** The packages of the lockfile that are not for development alone, with the links that PostgreSQL's have. */
function copyPackages(part) {
  const { packages } = JSON.parse(fs.readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
  for (const [path, { dev }] of Object.entries(packages)) {
    // What lies in a package's own folder comes with it; what is for other machines is not here.
    const own = path.lastIndexOf('node_modules/') === 0;
    if (!own || dev || !fs.existsSync(join(ROOT, path))) continue;
    const filter = (file) => !HEADERS.test(file);
    fs.cpSync(join(ROOT, path), join(part, path), { recursive: true, verbatimSymlinks: true, filter });
  }
}

function writeLauncher(part) {
  const bin = join(part, 'bin');
  fs.mkdirSync(bin);
  fs.writeFileSync(join(bin, 'tidemark'), LAUNCHER, { mode: 0o755 });
  const node = findNode(MODULES);
  if (node.startsWith(MODULES)) fs.symlinkSync(relative(dirname(join(ROOT, 'bin', 'node')), node), join(bin, 'node'));
}
