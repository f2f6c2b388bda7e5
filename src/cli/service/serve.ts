import './mended-driver.ts';
import './quick-imports.ts';
import { spawn } from 'node:child_process';
import { extname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Config, readConfig } from '../../config.ts';
import { isTidemarkError } from '../../errors.ts';
import { createLog, type Log } from '../../log.ts';
import type { Service, ServiceRoles } from '../../service.ts';
import { DEMO_RECEIVER_PORT } from './demo-receiver-port.ts';
import { firstSignal } from './first-signal.ts';
import { freePort } from './free-port.ts';

/**
 * Runs the service until a signal ends it.
 * @returns the exit code: 0 after a drained stop, 1 when it could not start.
 */
export async function serve(roles: ServiceRoles = { http: true, workers: true }): Promise<number> {
  // Another service on this machine may be playing the demo.
  const receiverPort = await freePort(DEMO_RECEIVER_PORT);
  let config: Config;
  try {
    config = withDemoReceiver(readConfig(), receiverPort);
  } catch (error) {
    return refused(error);
  }
  const log = createLog(config.logLevel);
  const signal = firstSignal();
  let service: Service;
  try {
    // What leads to the database is loaded here, once the two first imports have run.
    const [{ startService }, { databaseFailure }] = await Promise.all([
      import('../../service.ts'),
      import('../../domain/operations/database-failure.ts'),
    ]);
    outliveConnections(log, (error) => databaseFailure(error) !== null);
    service = await startService(config, log, roles);
  } catch (error) {
    return refused(error);
  }
  announce(config, service, roles);
  void tellTrouble(service, log);
  const demo =
    config.demo && service.fresh && service.entry.open && roles.workers
      ? startDemo({ url: addressOf(config, service), receiverPort, log })
      : null;
  await signal;
  process.stderr.write('tidemark: stopping…\n');
  demo?.kill('SIGTERM');
  await service.stop();
  return 0;
}

/**
 * A connection that breaks rejects all that hangs on it, also what the driver keeps to itself, for which nobody can
 * wait. That must not end the service, which connects again; anything else ends it, as without this.
 */
function outliveConnections(log: Log, isLoss: (error: unknown) => boolean): void {
  process.on('unhandledRejection', (error) => {
    if (!isLoss(error)) throw error;
    log.warn({ err: error }, 'a connection to the database was lost');
  });
}

/** The demo's receiver listens on this machine; without the demo nothing private may be called. */
function withDemoReceiver(config: Config, port: number): Config {
  if (!config.demo) return config;
  return { ...config, webhookAllow: [...config.webhookAllow, `127.0.0.1:${port}`] };
}

function refused(error: unknown): number {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`tidemark: ${message}\n`);
  if (!isTidemarkError(error) && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  return 1;
}

function announce(config: Config, service: Service, roles: ServiceRoles): void {
  if (!roles.http) {
    process.stderr.write('tidemark: worker is running\n');
    return;
  }
  const address = config.publicUrl ?? addressOf(config, service);
  process.stderr.write(`${howToEnter(config, service.entry)}tidemark: serving on ${address}\n`);
}

/**
 * A wrong bucket or key would be met by the first push only, and perhaps by somebody else. It is no reason not to start:
 * the remote may come later than the service.
 */
async function tellTrouble(service: Pick<Service, 'probe' | 'mismatches'>, log: Log): Promise<void> {
  try {
    await service.probe();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    process.stderr.write(`tidemark: TROUBLE with the remote, so nothing can be pushed: ${why}\n`);
    return;
  }
  try {
    for (const mismatch of await service.mismatches()) process.stderr.write(`tidemark: TROUBLE: ${mismatch}\n`);
  } catch (error) {
    log.warn({ err: error }, 'whether remote and database belong together could not be found out');
  }
}

/** Said at each start: an open service has to be one knowingly, and a key that was made is shown nowhere else. */
function howToEnter(config: Config, { open, key }: Service['entry']): string {
  if (open) {
    return 'tidemark: OPEN: no API key has been made, so every program on this machine may do everything; `npx tidemark keys make NAME --scope admin` ends that\n';
  }
  if (key === null) return '';
  return [
    `tidemark: ${config.host} is entered with a key only, and there was none that works.`,
    'tidemark: This admin key was made. It is shown this once; keep it:',
    '',
    `  ${key}`,
    '',
    'tidemark: sign in with it, or send it as "Authorization: Bearer …"; POST /v1/keys makes others.',
    '',
  ].join('\n');
}

/** The address at which this machine reaches its own service. */
function addressOf(config: Config, service: Service): string {
  return `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${service.port}`;
}

/** The demo is a client like any other, in a process of its own; the service already serves while it fills. */
function startDemo({ url, receiverPort, log }: { url: string; receiverPort: number; log: Log }) {
  const here = fileURLToPath(import.meta.url);
  const cli = resolve(here, '..', '..', '..', `cli${extname(here)}`);
  const args = ['demo', '--url', url, '--receiver-port', String(receiverPort), '--quiet'];
  const child = spawn(process.execPath, [cli, ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
    detached: true,
  });
  child.on('exit', (code) => {
    if (code === 0) process.stderr.write(`tidemark: the project "demo" is filled: ${url}/p/demo\n`);
    else if (code !== null) log.warn({ code }, 'the demo ended early; run it again with "tidemark demo"');
  });
  process.stderr.write('tidemark: filling the project "demo"; follow it on the pages\n');
  return child;
}
