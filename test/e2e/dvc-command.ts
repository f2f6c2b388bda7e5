import { type ChildProcess, type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeFolder } from './service.ts';

/** The `dvc` command; undefined where it is not to be had. */
export const DVC = process.env.DVC;
/** A Python that has `dvc` as a library. */
const PYTHON = process.env.PYTHON ?? 'python3';

const WARM = fileURLToPath(new URL('warm_dvc.py', import.meta.url));
let warm: string | null = null;

/** Where a `dvc` listens that has been started once for all commands of this process, and ends with it. */
function warmAddress(): string {
  if (warm !== null) return warm;
  warm = join(makeFolder('warm'), 'dvc.sock');
  const server = spawn(PYTHON, [WARM, 'serve', warm], { stdio: ['pipe', 'ignore', 'inherit'] });
  server.unref();
  (server.stdin as Socket).unref();
  return warm;
}

/** Runs `dvc` to its end; by itself where nothing says which Python has it as a library. */
function call(work: string, args: readonly string[], env: NodeJS.ProcessEnv): SpawnSyncReturns<string> {
  const options = { cwd: work, env, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 } as const;
  if (process.env.PYTHON === undefined) return spawnSync(DVC ?? '', args, options);
  return spawnSync(PYTHON, ['-S', '-I', WARM, 'run', warmAddress(), ...args], options);
}

/** Runs `dvc` with an environment. @throws Error with what it printed when it fails. */
export function runDvc(env: NodeJS.ProcessEnv, work: string, ...args: readonly string[]): string {
  const done = call(work, args, env);
  if (done.status !== 0) throw new Error(`dvc ${args.join(' ')}: ${done.stdout}${done.stderr}`);
  return done.stdout;
}

/** Somebody with a machine of their own: nothing that `dvc` keeps for a user is shared with another. */
export type DvcUser = {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  /** A new working folder with `dvc init`; a Git repository too when `git` says so. */
  readonly workspace: (name: string, options?: { readonly git?: boolean }) => string;
  /** Runs `dvc`. @throws Error with what it printed when it fails. */
  readonly run: (work: string, ...args: readonly string[]) => string;
  /** Runs `dvc`, which has to fail, and returns all that it printed. */
  readonly fail: (work: string, ...args: readonly string[]) => string;
  readonly start: (work: string, ...args: readonly string[]) => ChildProcess;
  readonly git: (work: string, ...args: readonly string[]) => string;
  readonly python: (work: string, script: string) => string;
};

export function createDvcUser(name: string): DvcUser {
  const folder = makeFolder(`dvc-${name}`);
  const home = join(folder, 'home');
  mkdirSync(home);
  const env = {
    ...process.env,
    HOME: home,
    DVC_NO_ANALYTICS: '1',
    DVC_SITE_CACHE_DIR: join(folder, 'site'),
    DVC_GLOBAL_CONFIG_DIR: home,
    DVC_SYSTEM_CONFIG_DIR: home,
    GIT_AUTHOR_NAME: name,
    GIT_AUTHOR_EMAIL: `${name}@example.org`,
    GIT_COMMITTER_NAME: name,
    GIT_COMMITTER_EMAIL: `${name}@example.org`,
    COLUMNS: '200',
  };
  const run = (work: string, ...args: readonly string[]) => runDvc(env, work, ...args);
  const succeed = (command: string, work: string, args: readonly string[]): string => {
    const done = spawnSync(command, args, { cwd: work, env, encoding: 'utf8' });
    if (done.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${done.stdout}${done.stderr}`);
    return done.stdout;
  };
  const git = (work: string, ...args: readonly string[]) => succeed('git', work, args);
  return {
    folder,
    env,
    run,
    git,
    fail: (work, ...args) => {
      const done = call(work, args, env);
      if (done.status === 0) throw new Error(`dvc ${args.join(' ')} passed: ${done.stdout}`);
      return done.stdout + done.stderr;
    },
    // The command itself, since a signal has to meet it.
    start: (work, ...args) => spawn(DVC ?? '', args, { cwd: work, env, stdio: 'ignore' }),
    python: (work, script) => succeed(PYTHON, work, ['-c', script]),
    workspace: (name, options = {}) => {
      const work = join(folder, name);
      mkdirSync(work);
      if (options.git === true) git(work, 'init', '--quiet', '--initial-branch', 'main');
      run(work, 'init', '--quiet', ...(options.git === true ? [] : ['--no-scm']));
      return work;
    },
  };
}

export type Files = Readonly<Record<string, string>>;

/** Writes files by their paths below a folder; folders are made. */
export function writeFiles(at: string, files: Files): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(at, name)), { recursive: true });
    writeFileSync(join(at, name), text);
  }
}

/** Every file below a folder with its bytes as text. */
export function contentsOf(at: string): Files {
  return Object.fromEntries(
    readdirSync(at, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => [file.slice(at.length + 1), readFileSync(file, 'utf8')]),
  );
}

/** Takes away what a working folder holds of its data, so that it has to come from the remote. */
export function forget(work: string, ...paths: readonly string[]): void {
  for (const path of [join('.dvc', 'cache'), ...paths]) rmSync(join(work, path), { recursive: true, force: true });
}
