import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';

export type Pooler = { readonly url: string; readonly close: () => Promise<void> };

type Manner = { readonly mode: 'session' | 'transaction'; readonly ignored: readonly string[] };

/** A real PgBouncer before the server of `url`, which is let in by its name alone. @throws Error when it does not start. */
export async function startPooler(program: string, url: string, { mode, ignored }: Manner): Promise<Pooler> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-pooler-'));
  const server = new URL(url);
  const port = await freePort();
  const config = join(folder, 'pgbouncer.ini');
  const { hostname, username, password } = server;
  writeFileSync(
    config,
    `[databases]
* = host=${hostname} port=${server.port} user=${username} password=${password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = ${mode}
ignore_startup_parameters = ${ignored.join(', ')}
`,
  );
  // It does not run as root, and has to read this as somebody else.
  chmodSync(folder, 0o755);
  chmodSync(config, 0o644);
  const child = spawn(program, [...(process.getuid?.() === 0 ? ['-u', 'nobody'] : []), config], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  const close = async (): Promise<void> => {
    child.kill();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await accepting(port);
  } catch (error) {
    await close();
    throw error;
  }
  server.port = String(port);
  return { url: server.href, close };
}

/** Asks until it listens: it tells nobody when it does. */
async function accepting(port: number): Promise<void> {
  for (let tries = 0; ; tries++) {
    const socket = connect(port, '127.0.0.1');
    const listens = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (listens) return;
    if (tries === 1200) throw new Error('PgBouncer did not start');
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
}
