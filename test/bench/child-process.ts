import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export type Running = {
  readonly url: string;
  readonly pid: number;
  readonly end: () => Promise<void>;
};

/**
 * The built service in a process of its own, as people run it, with its demo off. BENCH_SERVICE_FLAGS are given
 * to its Node, such as `--cpu-prof --cpu-prof-dir=/tmp/profile`.
 */
export async function startService(folder: string, env: Readonly<Record<string, string>> = {}): Promise<Running> {
  const port = await freePort();
  const flags = [...startFlags(), ...(process.env.BENCH_SERVICE_FLAGS?.split(' ') ?? [])];
  const child = spawn(process.execPath, [...flags, join(ROOT, 'dist', 'src', 'main.js')], {
    env: {
      ...process.env,
      // Whatever the caller's own service uses, this one has everything to itself.
      DATABASE_URL: '',
      TIDEMARK_REMOTE: '',
      TIDEMARK_DATA: join(folder, 'service'),
      TIDEMARK_PORT: String(port),
      TIDEMARK_DEMO: 'off',
      TIDEMARK_LOG_LEVEL: 'warn',
      ...env,
    },
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  const said: string[] = [];
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      said.push(line);
      if (line.includes('serving on')) resolve();
    });
    child.once('exit', (code) => reject(new Error(`the service ended with ${code}: ${said.join('\n')}`)));
  });
  return running(child, `http://127.0.0.1:${port}`);
}

/** What `npm start` gives to Node. */
function startFlags(): string[] {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: { start: string } };
  return scripts.start.split(' ').filter((word) => word.startsWith('--'));
}

/** A module of this folder in a process of its own, which sends its port when it listens. */
export async function startServer(module: string, args: readonly string[] = []): Promise<Running> {
  const child = fork(fileURLToPath(new URL(module, import.meta.url)), args);
  const [port] = await Promise.race([once(child, 'message'), failed(child, module)]);
  return running(child, `http://127.0.0.1:${port}`);
}

/** Runs a module of this folder to its one answer. */
export async function ask<T>(module: string, question: unknown): Promise<T> {
  const child = fork(fileURLToPath(new URL(module, import.meta.url)), { serialization: 'advanced' });
  child.send(question as object);
  const [answer] = await Promise.race([once(child, 'message'), failed(child, module)]);
  child.disconnect();
  return answer;
}

async function failed(child: ChildProcess, name: string): Promise<never> {
  const [code] = await once(child, 'exit');
  throw new Error(`${name} ended with ${code} before it said anything`);
}

function running(child: ChildProcess, url: string): Running {
  return {
    url,
    pid: child.pid ?? 0,
    end: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}

/** The most memory that a process and each of its children ever held, in MiB; Linux only. */
export function peakMemory(pid: number): { readonly own: number; readonly children: readonly number[] } {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
  return { own: highWater(pid), children: children.map((child) => highWater(Number(child))) };
}

/** Follows a child to its end; what it is asked for then is the most memory that it held, in MiB. Linux only. */
export function watchMemory(child: ChildProcess): () => number {
  let peak = 0;
  // Often, for the system knows it only while the child runs.
  const timer = setInterval(() => {
    try {
      const now = peakMemory(child.pid ?? 0).own;
      // A child that has ended and was not waited for yet has none.
      if (!Number.isNaN(now)) peak = Math.max(peak, now);
    } catch {
      // It has ended in the meantime.
    }
  }, 25);
  return () => {
    clearInterval(timer);
    return peak;
  };
}

function highWater(pid: number): number {
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kibibytes) / 1024;
}

/** Milliseconds of processor time that a process has used; Linux only, in steps of 10. */
export function processorTime(pid: number): number {
  return timesOf(String(pid)).own;
}

/** The same of a process, its children and theirs, those that have ended included. */
export function processorTimeOfTree(pid: number): number {
  const { own, ended } = timesOf(String(pid));
  return own + ended + childrenOf(pid).reduce((sum, child) => sum + processorTimeOfTree(child), 0);
}

/** The same of all children of this process that have ended. */
export function processorTimeOfChildren(): number {
  return timesOf('self').ended;
}

function timesOf(pid: string): { readonly own: number; readonly ended: number } {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    // It has ended since it was found.
    return { own: 0, ended: 0 };
  }
  // Behind the name, which may hold anything but ends at the last bracket: user and system time are the 12th and the
  // 13th field, those of children that have ended the 14th and the 15th.
  const [user = 0, system = 0, childrenUser = 0, childrenSystem = 0] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 15)
    .map(Number);
  return { own: (user + system) * 10, ended: (childrenUser + childrenSystem) * 10 };
}

function childrenOf(pid: number): number[] {
  const threads = `/proc/${pid}/task`;
  try {
    const lists = readdirSync(threads).map((thread) => readFileSync(join(threads, thread, 'children'), 'utf8'));
    return lists.flatMap((list) => list.trim().split(' ').filter(Boolean).map(Number));
  } catch {
    return [];
  }
}
