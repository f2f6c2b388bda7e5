import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { until } from '../e2e/service.ts';

/** A server of another project, with all the processes that it starts. */
export type Neighbour = { readonly close: () => Promise<void> };

type Given = {
  readonly program: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** Answers with 200 when it is ready. */
  readonly ready: string;
};

/** Starts a program and resolves when it is ready; what it says is kept in its folder. */
export async function startNeighbour({ program, args, folder, env, ready }: Given): Promise<Neighbour> {
  // A group of its own: some leave children behind when only they themselves are ended.
  const child = spawn(program, args, {
    cwd: folder,
    env: { ...process.env, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log = createWriteStream(join(folder, 'log'));
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const close = async (): Promise<void> => {
    await endGroup(child);
    log.end();
  };
  try {
    await until(ready, async () => ((await fetch(ready).catch(() => null))?.ok === true ? true : ended(child)), 400);
  } catch (error) {
    await close();
    throw error;
  }
  return { close };
}

function ended({ exitCode, spawnargs }: ChildProcess): null {
  if (exitCode === null) return null;
  throw new Error(`${spawnargs.join(' ')} ended with ${exitCode}; its folder holds what it said`);
}

async function endGroup(child: ChildProcess): Promise<void> {
  const gone = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : Promise.resolve();
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    try {
      process.kill(-(child.pid ?? 0), signal);
    } catch {
      // Nobody is left in the group.
      return;
    }
    await Promise.race([gone, new Promise((done) => setTimeout(done, 10_000))]);
  }
}
