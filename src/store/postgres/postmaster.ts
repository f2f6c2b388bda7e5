import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { TidemarkError } from '../../errors.ts';

/** What `postmaster.pid` says: PostgreSQL writes it when it starts and removes it when it has shut down. */
type PostmasterFile = { readonly pid: number; readonly status: string };

/** Above every `pid_max`, so that no process can ever have it. */
const NO_PROCESS = 2 ** 31 - 1;
const POLL_MILLISECONDS = 10;
const FAST_MILLISECONDS = 30_000;
const IMMEDIATE_MILLISECONDS = 10_000;

/** Reads `postmaster.pid` of a data directory; undefined when there is none or it is only half written. */
export function readPostmasterFile(data: string): PostmasterFile | undefined {
  const lines = textOf(join(data, 'postmaster.pid'))?.split('\n');
  const pid = Number(lines?.[0]);
  if (lines === undefined || !Number.isInteger(pid) || pid <= 0) return undefined;
  return { pid, status: lines[7]?.trim() ?? '' };
}

/**
 * Stops the server that a killed service left behind in this data directory, and clears the way for a new one.
 * The caller holds the lock of the data directory, so a server that runs here can only be an orphan.
 *
 * @returns the pid of the orphan, or undefined when there was none.
 * @throws TidemarkError `already-running` when the server belongs to another user or does not end.
 */
export async function stopOrphan(data: string): Promise<number | undefined> {
  const file = readPostmasterFile(data);
  if (file === undefined) return undefined;
  if (!isPostmasterOf(file.pid, data)) {
    if (processExists(file.pid)) disownPid(data);
    return undefined;
  }
  await stopPostmaster(file.pid, () => isPostmasterOf(file.pid, data));
  return file.pid;
}

/**
 * Fast shutdown, and an immediate one (recovered from the log at the next start) when that takes too long.
 * @param isRunning whether the process is still there; asked every few milliseconds.
 */
export async function stopPostmaster(pid: number, isRunning: () => boolean): Promise<void> {
  signal(pid, 'SIGINT');
  if (await ends(isRunning, FAST_MILLISECONDS)) return;
  signal(pid, 'SIGQUIT');
  if (await ends(isRunning, IMMEDIATE_MILLISECONDS)) return;
  throw new TidemarkError('already-running', `PostgreSQL (process ${pid}) does not end; end it with: kill -9 ${pid}`);
}

async function ends(isRunning: () => boolean, milliseconds: number): Promise<boolean> {
  for (let waited = 0; waited < milliseconds; waited += POLL_MILLISECONDS) {
    if (!isRunning()) return true;
    await delay(POLL_MILLISECONDS);
  }
  return !isRunning();
}

function signal(pid: number, name: 'SIGINT' | 'SIGQUIT'): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return;
    throw new TidemarkError(
      'already-running',
      `PostgreSQL (process ${pid}) is at work in the data directory and belongs to another user; stop it as that user with: kill -INT ${pid}`,
      { cause: error },
    );
  }
}

/**
 * The recorded pid has been given to a stranger (a reboot, a fresh container), and PostgreSQL would refuse to start
 * because of it. The file is kept with an impossible pid instead of removed, because its other lines let PostgreSQL
 * see whether backends of the dead server still use the shared memory.
 */
function disownPid(data: string): void {
  const file = join(data, 'postmaster.pid');
  const rest = readFileSync(file, 'utf8').split('\n').slice(1);
  writeFileSync(file, [String(NO_PROCESS), ...rest].join('\n'));
}

/** Whether the process is a postmaster started on this data directory: a pid alone proves nothing, pids are reused. */
function isPostmasterOf(pid: number, data: string): boolean {
  const command = commandOf(pid);
  return command.includes('postgres') && command.includes(data);
}

/** The command line of a process; empty when it has ended, even if nobody has reaped it. */
function commandOf(pid: number): string {
  if (existsSync('/proc/self/cmdline')) return textOf(`/proc/${pid}/cmdline`) ?? '';
  const listed = spawnSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  return listed.stdout ?? '';
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ESRCH') return undefined;
    throw error;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
