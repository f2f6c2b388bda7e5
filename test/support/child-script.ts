import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export type ChildScript = {
  readonly child: ChildProcess;
  /** What it printed first. */
  readonly line: string;
  /** Ends it with `kill -9` and waits until it is gone. */
  readonly kill: () => Promise<void>;
};

/** Runs a module's text in a process of its own, which may be killed, until it has printed one line. */
export async function runChildScript(text: string): Promise<ChildScript> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', text], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const [line] = await Promise.race([
    once(lines, 'line'),
    exited.then(([code]) => Promise.reject(new Error(`the script ended with ${code} before it said anything`))),
  ]);
  return {
    child,
    line: String(line),
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
