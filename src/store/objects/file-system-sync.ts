import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

/**
 * Makes all that was written to the file system of a folder before the call durable, contents and names, in one
 * step: thousands of small files cost hardly more than one. Resolves with false where that is not possible; each
 * file and folder has to be synced by itself then.
 */
export type FileSystemSync = () => Promise<boolean>;

/**
 * Node has no `syncfs`; `sync -f` of coreutils and busybox is it, and says by its exit code when bytes were lost. A
 * shell waits to start it, because starting a program from a process of our size takes longer than syncing.
 */
const SCRIPT = 'while read -r _; do if sync -f "$0"; then echo y; else echo n; fi; done';

type Shell = ChildProcessByStdio<Writable, Readable, null>;
type Waiting = (synced: boolean) => void;

export function createFileSystemSync(folder: string): FileSystemSync {
  let shell: Shell | null = null;
  const waiting: Waiting[] = [];
  let running: Promise<boolean> | null = null;
  let next: Promise<boolean> | null = null;
  const ask = async (): Promise<boolean> => {
    shell ??= open(folder, waiting, () => {
      shell = null;
    });
    const { stdin } = shell;
    // A process that waits for an answer must not end; one that waits for none may.
    refer(shell, true);
    const synced = await new Promise<boolean>((resolve) => {
      waiting.push(resolve);
      stdin.write('\n');
    });
    running = null;
    if (shell !== null && next === null) refer(shell, false);
    return synced;
  };
  return () => {
    if (running === null) {
      running = ask();
      return running;
    }
    // What is running may have passed over what was written since it began: those who come meanwhile share the next.
    next ??= running.then(() => {
      next = null;
      running = ask();
      return running;
    });
    return next;
  };
}

/** A shell that ends when we do, since its input ends then. */
function open(folder: string, waiting: Waiting[], onEnd: () => void): Shell {
  const shell = spawn('/bin/sh', ['-c', SCRIPT, folder], { stdio: ['pipe', 'pipe', 'ignore'] });
  const end = (): void => {
    onEnd();
    for (const resolve of waiting.splice(0)) resolve(false);
  };
  shell.once('error', end);
  shell.once('exit', end);
  // What is written to a shell that has just ended was not synced; `exit` says so.
  shell.stdin.on('error', () => {});
  shell.stdout.on('data', (lines: Buffer) => {
    for (const answer of lines.toString('latin1').replaceAll('\n', '')) waiting.shift()?.(answer === 'y');
  });
  return shell;
}

function refer(shell: Shell, on: boolean): void {
  // Pipes of a child are sockets, whose type says nothing of it.
  const handles = [shell, shell.stdin, shell.stdout] as unknown as { ref(): void; unref(): void }[];
  for (const handle of handles) {
    if (on) handle.ref();
    else handle.unref();
  }
}
