import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, lchownSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from './service.ts';

/** A clone of the project as a stranger has it after `git clone` and `npm ci`. */
export function makeClone(folder: string): string {
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
  const clone = join(folder, 'a clone with blanks');
  // Our own checkout may belong to another user than the one that runs the tests, as in a container.
  must('git', ['-c', 'safe.directory=*', 'clone', '--quiet', '--no-local', `file://${ROOT}`, clone]);
  // Links are made in a moment; where the folders lie on two file systems only a copy is possible.
  const linked = spawnSync('cp', ['-al', join(ROOT, 'node_modules'), join(clone, 'node_modules')]);
  if (linked.status !== 0) must('cp', ['-a', join(ROOT, 'node_modules'), join(clone, 'node_modules')]);
  return clone;
}

function must(command: string, args: readonly string[]): void {
  const done = spawnSync(command, args, { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${done.stderr}`);
}

/**
 * Gives a clone and its home folder to another user. The packages are links to our own: they stay as they are,
 * which is readable for everybody.
 */
export function giveTo(folder: string, uid: number, gid: number): void {
  lchownSync(folder, uid, gid);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'node_modules') continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) giveTo(path, uid, gid);
    else lchownSync(path, uid, gid);
  }
}

export type Started = {
  readonly child: ChildProcess;
  /** Everything it has said so far. */
  readonly said: () => string;
  /** Resolves once a line holds these words. @throws Error with what it said when it ends before. */
  readonly says: (words: string) => Promise<void>;
  /** The exit code, or the name of the signal that ended it. */
  readonly ended: Promise<number | string>;
};

type StartOptions = {
  readonly env: Readonly<Record<string, string>>;
  readonly user?: { readonly uid: number; readonly gid: number };
};

/** Types `npm start` in a clone, in a process group of its own as a terminal would make it. */
export function npmStart(clone: string, options: StartOptions): Started {
  return startTyped(['npm', 'start'], clone, options);
}

/** Types any command, in a folder, as `npmStart` does. */
export function startTyped([command, ...args]: [string, ...string[]], folder: string, options: StartOptions): Started {
  const child = spawn(command, args, {
    cwd: folder,
    env: { ...strangersEnvironment(), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    ...options.user,
  });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      for (const look of [...waiting]) look();
    });
  }
  const said = () => lines.join('\n');
  let over = false;
  const ended = once(child, 'close').then(([code, signal]) => {
    over = true;
    for (const look of [...waiting]) look();
    // One of the two is always given.
    return (code ?? signal) as number | string;
  });
  const says = (words: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        const found = said().includes(words);
        if (!found && !over) return;
        waiting.delete(look);
        if (found) resolve();
        else reject(new Error(`it ended without "${words}":\n${said()}`));
      };
      waiting.add(look);
      look();
    });
  return { child, said, says, ended };
}

/** What a login shell has: nothing of npm, of vitest or of our own variables. */
export function strangersEnvironment(): NodeJS.ProcessEnv {
  const ours = /^(npm_|TIDEMARK_|DATABASE_URL|VITEST|NODE_|AWS_|TEST)/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
}

/** Command lines of the running processes that name a folder, with their pids. */
export function processesOf(folder: string): { pid: number; command: string }[] {
  const listed = spawnSync('ps', ['-e', '-ww', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' });
  const found = listed.stdout
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+) (.*)$/.exec(line))
    .filter((match) => match !== null)
    .map((match) => ({ pid: Number(match[1]), parent: Number(match[2]), command: match[3] ?? '' }))
    .filter(({ command }) => command.includes(folder));
  // A child has its parent's arguments until it gives itself a title.
  const pids = new Set(found.map(({ pid }) => pid));
  return found.filter(({ parent }) => !pids.has(parent)).map(({ pid, command }) => ({ pid, command }));
}

/** The pid of the service that holds a data directory: npm and the launcher are others. */
export function servicePid(data: string): number {
  const holder = JSON.parse(readFileSync(join(data, 'service.json'), 'utf8')) as { pid: number };
  return holder.pid;
}
