import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { freePort } from '../support/free-port.ts';

/** The built service in a process of its own, as people run it. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export type RunningService = {
  readonly url: string;
  readonly port: number;
  readonly data: string;
  readonly child: ChildProcess;
  /** What it has printed to standard error so far. */
  readonly said: () => string;
  /** Sends a signal and resolves with the exit code (or the signal's name) once the process has ended. */
  readonly end: (signal?: NodeJS.Signals) => Promise<number | string>;
};

export type ServiceOptions = {
  readonly data?: string;
  readonly port?: number;
  readonly env?: Readonly<Record<string, string>>;
};

/** A folder of its own under the system's temporary one; removed by `removeFolder`. */
export function makeFolder(name: string): string {
  return mkdtempSync(join(tmpdir(), `tidemark-${name}-`));
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

/** Builds once; repeated calls find nothing to do. */
function build(): void {
  const built = spawnSync(process.execPath, ['src/bootstrap.mjs', 'build'], { cwd: ROOT, encoding: 'utf8' });
  if (built.status !== 0) throw new Error(`the build failed: ${built.stderr}`);
}

/** Starts the service and resolves when it serves. @throws Error with what it said when it ends instead. */
export async function startService(options: ServiceOptions = {}): Promise<RunningService> {
  build();
  const data = options.data ?? makeFolder('service');
  const port = options.port ?? (await freePort());
  const child = spawn(process.execPath, [join(ROOT, 'dist', 'src', 'main.js')], {
    env: {
      ...process.env,
      TIDEMARK_DATA: data,
      TIDEMARK_PORT: String(port),
      TIDEMARK_DEMO: 'off',
      TIDEMARK_LOG_LEVEL: 'warn',
      ...options.env,
    },
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  const lines: string[] = [];
  const serving = new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      lines.push(line);
      if (line.includes('serving on')) resolve();
    });
    child.once('exit', (code) => reject(new Error(`the service ended with ${code}: ${lines.join('\n')}`)));
  });
  await serving;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    data,
    child,
    said: () => lines.join('\n'),
    end: async (signal = 'SIGTERM') => {
      if (child.exitCode !== null) return child.exitCode;
      if (child.signalCode !== null) return child.signalCode;
      const ended = once(child, 'exit');
      child.kill(signal);
      const [code, by] = await ended;
      return code ?? by;
    },
  };
}

/** Runs a shell script with the clone's own Node first; resolves with everything it printed. */
export function runShell(script: string, options: { cwd: string; env?: Readonly<Record<string, string>> }) {
  const shell = existsSync('/bin/bash') ? '/bin/bash' : '/bin/sh';
  const run = spawnSync(shell, ['-euc', script], {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return { code: run.status ?? 1, out: run.stdout, err: run.stderr };
}

/**
 * Asks until there is an answer, at most `seconds`; what is awaited is named in the error.
 * @param rest milliseconds until the next question, by how many were waited so far.
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T | null>,
  seconds = 120,
  rest: (waited: number) => number = () => 50,
): Promise<T> {
  const begun = performance.now();
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    const waited = performance.now() - begun;
    if (waited > seconds * 1000) throw new Error(`waited ${seconds} s for ${what}`);
    await pause(rest(waited));
  }
}

/** Between two questions to another process, which tells nobody when its answer changes. */
function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
