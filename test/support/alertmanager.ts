import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';

export type Alertmanager = {
  readonly url: string;
  /** The alerts that it holds as active. */
  readonly alerts: () => Promise<{ labels: Record<string, string>; startsAt: string; endsAt: string }[]>;
  readonly close: () => Promise<void>;
};

/** A real Alertmanager that tells nobody. @throws Error when it does not start. */
export async function startAlertmanager(program: string): Promise<Alertmanager> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-alertmanager-'));
  const config = join(folder, 'alertmanager.yml');
  writeFileSync(config, 'route:\n  receiver: nobody\nreceivers:\n  - name: nobody\n');
  const url = `http://127.0.0.1:${await freePort()}`;
  const child = spawn(
    program,
    [
      `--config.file=${config}`,
      `--storage.path=${join(folder, 'data')}`,
      '--cluster.listen-address=',
      `--web.listen-address=${url.slice('http://'.length)}`,
    ],
    { stdio: 'ignore' },
  );
  const ended = once(child, 'exit');
  const close = async (): Promise<void> => {
    child.kill();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await ready(url);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    url,
    close,
    alerts: async () => {
      const response = await fetch(`${url}/api/v2/alerts?active=true`);
      // Its published shape, of which the tests assert what they read.
      return (await response.json()) as Awaited<ReturnType<Alertmanager['alerts']>>;
    },
  };
}

/** Asks until it serves: it tells nobody when it does. */
async function ready(url: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    const response = await fetch(`${url}/-/ready`).catch(() => null);
    if (response?.ok === true) return;
    if (tries === 1200) throw new Error('Alertmanager did not start');
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
}
