/** Choosing a Node and running things under it: signals go down, exit codes come up, no orphan stays behind. */
import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Older ones cannot run TypeScript without a flag. */
const OLDEST_NODE = [22, 18];
/** Names the process that started us on the packaged Node, which we must not outlive. */
const LAUNCHER = 'TIDEMARK_LAUNCHER';
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const FOLLOW_MILLISECONDS = 500;

/**
 * What the service's Node is started with, in the start script of package.json too. V8 lets what is young grow to
 * more than a hundred MiB before it looks for dead objects there, and what is old to several times what was alive when
 * it looked last. With less of both the service needs half of the memory for a few hundredths of its processor time.
 */
export const NODE_FLAGS = ['--max-semi-space-size=8', '--heap-growing-percent=50'];

/** What runs for long, and so has to use little memory; a command that ends soon does not. */
const SERVICES = ['serve', 'worker'];

/**
 * Begins this process anew with the service's flags where the line asks for a service: V8 takes them at the start of a
 * process alone. It stays the same process, so that nothing stands between the terminal and the service.
 */
export function takeServiceFlags(args) {
  const flags = NODE_FLAGS.filter((flag) => !process.execArgv.includes(flag));
  // Windows cannot do it, nor can the Node that only starts a newer one, which gets the flags.
  if (!isService(args) || flags.length === 0 || process.execve === undefined) return;
  process.execve(process.execPath, [process.execPath, ...flags, ...process.execArgv, ...process.argv.slice(1)]);
}

/** Whether a command line asks for something that runs for long. */
function isService(args) {
  return SERVICES.includes(args.find((arg) => !arg.startsWith('-')));
}

/** The same, also where the name stands behind an option and its value. */
export function mayServe(args) {
  return SERVICES.some((name) => args.includes(name));
}

/** A failure that one sentence explains; printed without a stack. */
export class Refusal extends Error {}

export function say(message) {
  process.stderr.write(`tidemark: ${message}\n`);
}

/** The Node among the installed packages, or else the running one when it is recent enough. */
export function findNode(modules) {
  const packaged = join(modules, `node-${process.platform}-${process.arch}`, 'bin', 'node');
  if (fs.existsSync(packaged)) return packaged;
  if (isRecent()) return process.execPath;
  throw new Refusal(
    `Node ${OLDEST_NODE.join('.')} or later is needed on ${process.platform} ${process.arch}; this is ${process.versions.node}.`,
  );
}

function isRecent() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  return major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
}

/**
 * Runs a compiled file as the main program: in this process when its Node is recent enough, so that nothing stands
 * between the terminal and the service, else by starting the running script anew on the packaged Node. With `maps` a
 * stack names the lines of the sources.
 */
export async function runCompiled(path, args, modules, { maps } = { maps: true }) {
  if (!isRecent()) {
    const env = { ...process.env, [LAUNCHER]: String(process.pid) };
    const again = [...NODE_FLAGS, ...process.argv.slice(1)];
    process.exitCode = await run(findNode(modules), again, { stdio: 'inherit', env });
    return;
  }
  endWithParent();
  process.argv = [process.execPath, path, ...args];
  process.setSourceMapsEnabled(maps);
  await import(pathToFileURL(path).href);
}

/**
 * Runs a command to its end, passing our signals on to it.
 *
 * The child has a process group of its own. A terminal signals its whole group at Ctrl-C, and npm passes the signal
 * on besides; a child in our group would be told up to three times, and a second time often means "now".
 *
 * @param options those of `spawn`, and `started(pid)`.
 * @returns the exit code; when a signal ended the child, we end the same way.
 */
export function run(command, args, { started, ...options }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, detached: true });
    if (started && child.pid) started(child.pid);
    let last = Number.NEGATIVE_INFINITY;
    const forward = (signal) => {
      if (performance.now() - last < FOLLOW_MILLISECONDS) return;
      last = performance.now();
      child.kill(signal);
    };
    for (const signal of SIGNALS) process.on(signal, forward);
    const stop = () => {
      for (const signal of SIGNALS) process.removeListener(signal, forward);
    };
    child.on('error', (error) => {
      stop();
      reject(new Refusal(`${command} could not be started: ${error.message}`));
    });
    child.on('exit', (code, signal) => {
      stop();
      if (signal !== null) process.kill(process.pid, signal);
      else resolve(code);
    });
  });
}

/**
 * Ends this process, as SIGTERM would, when the launcher or npm above it vanishes without a word (`kill -9`):
 * otherwise the service would serve on with nobody to stop it.
 */
function endWithParent() {
  const parent = process.ppid;
  const launched = process.env[LAUNCHER] === String(parent);
  delete process.env[LAUNCHER];
  if (!launched && process.env.npm_lifecycle_event === undefined) return;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, FOLLOW_MILLISECONDS);
  timer.unref();
}

/** Runs a command and turns a refusal into one sentence and exit code 1. */
export async function explain(command) {
  try {
    await command();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    say(error.message);
    process.exitCode = 1;
  }
}
