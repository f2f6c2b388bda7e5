import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  lchownSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { TidemarkError } from '../../errors.ts';
import { keepRunning } from './keep-running.ts';
import { chooseLaunch, commandFor, findNative, type Launch, type Owner, ownerFor } from './postgres-launch.ts';
import { readPostmasterFile, stopOrphan, stopPostmaster } from './postmaster.ts';

export type EmbeddedPostgres = {
  /** Connection string of the superuser, password included. */
  readonly url: string;
  /** Fast shutdown: open transactions are rolled back, everything committed is on disk. May be called twice. */
  stop(): Promise<void>;
};

export type EmbeddedPostgresOptions = {
  /** Holds the data, the password and the server's log; made when missing. The caller holds its lock. */
  readonly directory: string;
  readonly log: { info(detail: object, message: string): void; error(detail: object, message: string): void };
  /** Server settings beside or instead of the defaults. */
  readonly settings?: Readonly<Record<string, string>>;
};

const MAJOR_VERSION = '18';
const USER = 'tidemark';
const ATTEMPTS = 10;
const BACKENDS_MILLISECONDS = 500;
/** Recovery after a crash replays at most `max_wal_size`, so five minutes are ample. */
const READY_MILLISECONDS = 300_000;

const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  // Socket paths end at 107 bytes, which a deep checkout exceeds.
  unix_socket_directories: '',
  max_connections: '60',
  shared_buffers: '96MB',
  fsync: 'on',
  synchronous_commit: 'on',
  max_wal_size: '512MB',
  wal_level: 'minimal',
  max_wal_senders: '0',
  // Parallel plans live in /dev/shm, of which a container has 64 MB; metadata queries do not need them.
  max_parallel_workers_per_gather: '0',
  jit: 'off',
  log_min_messages: 'warning',
  log_checkpoints: 'off',
};

/**
 * Starts the private PostgreSQL of a data directory on a free port of 127.0.0.1, creating the cluster on first use.
 * A server orphaned by a killed service is stopped first; what it had committed is kept.
 *
 * The server runs in a session of its own, so that Ctrl-C reaches the service alone and it can drain before the
 * database goes.
 *
 * @throws TidemarkError `database-unavailable` when it does not start, `invalid-configuration` when it cannot run
 *   here, `already-running` when a server of another user is in the way.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  mkdirSync(options.directory, { recursive: true, mode: 0o700 });
  const directory = realpathSync(options.directory);
  const data = join(directory, 'data');
  const owner = ownerFor(data);
  if (owner !== undefined) handOver(directory, owner);
  const launch = chooseLaunch(findNative(), directory, owner);

  const orphan = await stopOrphan(data);
  if (orphan !== undefined) options.log.info({ pid: orphan }, 'stopped the database that a killed service left behind');
  if (!existsSync(data)) await createCluster(launch, directory);
  checkVersion(data);

  const password = readPassword(directory);
  const settings = { ...SETTINGS, ...options.settings };
  const { child, port } = await startOnFreePort(launch, directory, settings);
  const server = keepRunning(child, {
    start: () => startAgain(launch, directory, { ...settings, port: String(port) }),
    end: (running) => stopPostmaster(pidOf(running), () => isRunning(running)),
    log: options.log,
  });
  return { url: `postgres://${USER}:${password}@127.0.0.1:${port}/postgres`, stop: () => server.stop() };
}

/** Gives the directory to its user, with all that is in it when root has copied or restored the data. */
function handOver(directory: string, owner: Owner): void {
  if (statSync(directory).uid === owner.uid && ownerMatches(join(directory, 'data'), owner)) return;
  for (const entry of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    lchownSync(join(directory, entry), owner.uid, owner.gid);
  }
  chownSync(directory, owner.uid, owner.gid);
}

function ownerMatches(path: string, owner: Owner): boolean {
  return !existsSync(path) || statSync(path).uid === owner.uid;
}

/** Builds the cluster aside and renames it into place, so that an interrupted first start is simply done again. */
async function createCluster(launch: Launch, directory: string): Promise<void> {
  const passwordFile = join(directory, 'password');
  const partial = join(directory, 'data.partial');
  rmSync(partial, { recursive: true, force: true });
  rmSync(passwordFile, { force: true });
  writeFileSync(passwordFile, randomBytes(24).toString('base64url'), { mode: 0o600, flush: true });
  if (launch.owner !== undefined) chownSync(passwordFile, launch.owner.uid, launch.owner.gid);

  // The builtin locale sorts and folds the same on every system; the operating system's would not.
  const args = [
    `--pgdata=${partial}`,
    `--username=${USER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    '--set=timezone=UTC',
    '--set=log_timezone=UTC',
    '--no-instructions',
  ];
  const [command, commandArgs] = commandFor(launch, 'initdb', args);
  const child = spawn(command, commandArgs, { ...launch.options, stdio: ['ignore', 'ignore', 'pipe'] });
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw notStarted('The embedded database could not be created', complaint);
  renameSync(partial, join(directory, 'data'));
  syncDirectory(directory);
}

function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}

function checkVersion(data: string): void {
  const version = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim();
  if (version === MAJOR_VERSION) return;
  throw new TidemarkError(
    'invalid-configuration',
    `The database in ${data} was made by PostgreSQL ${version}, and this release runs ${MAJOR_VERSION}. Move it over with pg_dump, or give another directory with TIDEMARK_DATA.`,
  );
}

function readPassword(directory: string): string {
  const file = join(directory, 'password');
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new TidemarkError('invalid-configuration', `The password of the embedded database is not readable: ${file}`, {
      cause,
    });
  }
}

async function startOnFreePort(
  launch: Launch,
  directory: string,
  settings: Readonly<Record<string, string>>,
): Promise<{ child: ChildProcess; port: number }> {
  for (let attempt = 1; ; attempt++) {
    const port = await findFreePort();
    const child = spawnServer(launch, directory, { ...settings, port: String(port) });
    if (await becomesReady(child, join(directory, 'data'))) return { child, port };
    const said = tail(join(directory, 'postgres.log'));
    // Someone may take the port between our look and the server's bind.
    if (attempt < ATTEMPTS && said.includes('could not bind')) continue;
    // Backends notice the sudden death of their server within moments; until then their memory is guarded.
    if (attempt < ATTEMPTS && said.includes('shared memory block')) {
      await delay(BACKENDS_MILLISECONDS);
      continue;
    }
    throw notStarted('The embedded database did not start', said);
  }
}

/** At the address that everybody has. Whoever ended it left its mark, which may be a stranger's by now. */
async function startAgain(
  launch: Launch,
  directory: string,
  settings: Readonly<Record<string, string>>,
): Promise<ChildProcess> {
  await stopOrphan(join(directory, 'data'));
  const child = spawnServer(launch, directory, settings);
  if (await becomesReady(child, join(directory, 'data'))) return child;
  throw notStarted('The embedded database did not start', tail(join(directory, 'postgres.log')));
}

function spawnServer(launch: Launch, directory: string, settings: Readonly<Record<string, string>>): ChildProcess {
  const logFile = join(directory, 'postgres.log');
  if (existsSync(logFile)) renameSync(logFile, `${logFile}.1`);
  // A file and not a pipe: the server may outlive us, and must not block on or die of a reader that is gone.
  const output = openSync(logFile, 'w', 0o600);
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const [command, args] = commandFor(launch, 'postgres', ['-D', join(directory, 'data'), ...flags]);
  const child = spawn(command, args, { ...launch.options, detached: true, stdio: ['ignore', output, output] });
  closeSync(output);
  child.unref();
  return child;
}

/** Waits for the server to say that it accepts connections; false when it has ended instead. */
async function becomesReady(child: ChildProcess, data: string): Promise<boolean> {
  let failed = false;
  child.once('error', () => {
    failed = true;
  });
  for (let waited = 0; waited < READY_MILLISECONDS; waited += 10) {
    if (failed || !isRunning(child)) return false;
    const file = readPostmasterFile(data);
    if (file?.pid === child.pid && file?.status === 'ready') return true;
    await delay(10);
  }
  await stopPostmaster(pidOf(child), () => isRunning(child));
  return false;
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new TidemarkError('internal', 'A process without a pid cannot be stopped.');
  return child.pid;
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new TidemarkError('internal', 'No TCP port was given.');
  return address.port;
}

/** The last lines of the server's log, which say why it did not start. */
function tail(file: string): string {
  return readFileSync(file, 'utf8').trim().split('\n').slice(-5).join('\n');
}

function notStarted(what: string, said: string): TidemarkError {
  return new TidemarkError('database-unavailable', `${what}: ${said.trim() || 'it said nothing'}`);
}
