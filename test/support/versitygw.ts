import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';

export type S3Server = {
  readonly endpoint: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly bucket: string;
  /** Where the bucket's objects lie as plain files, so that a test can spoil them. */
  readonly folder: string;
  stop(): Promise<void>;
};

/**
 * Starts a versitygw (a real S3 server) with one empty bucket on a free port, in a folder of its own.
 * `binary` is its path; the tests take it from the variable VERSITYGW.
 */
export async function startVersitygw(binary: string): Promise<S3Server> {
  const root = await mkdtemp(join(tmpdir(), 'tidemark-s3-'));
  const bucket = 'tidemark-test';
  await mkdir(join(root, 'buckets', bucket), { recursive: true });
  await mkdir(join(root, 'versions'));
  const port = await freePort();
  const keys = { ROOT_ACCESS_KEY: 'tidemark', ROOT_SECRET_KEY: 'tidemark-secret' };
  // As the stores that people use: without it each request would pay for a connection of its own.
  const args = [
    '--quiet',
    '--keep-alive',
    '--port',
    `127.0.0.1:${port}`,
    'posix',
    '--versioning-dir',
    join(root, 'versions'),
  ];
  const server = spawn(binary, [...args, join(root, 'buckets')], { env: keys, stdio: 'ignore' });
  const exited = once(server, 'exit');
  const endpoint = `http://127.0.0.1:${port}`;
  await Promise.race([untilAnswering(endpoint), failOn(exited)]);
  return {
    endpoint,
    accessKey: keys.ROOT_ACCESS_KEY,
    secretKey: keys.ROOT_SECRET_KEY,
    bucket,
    folder: join(root, 'buckets', bucket),
    async stop() {
      server.kill('SIGTERM');
      await exited;
      await rm(root, { recursive: true });
    },
  };
}

async function failOn(exited: Promise<unknown[]>): Promise<never> {
  const [code] = await exited;
  throw new Error(`versitygw ended with code ${String(code)} before it answered`);
}

async function untilAnswering(endpoint: string): Promise<void> {
  const deadline = AbortSignal.timeout(60_000);
  for (;;) {
    deadline.throwIfAborted();
    const answer = await fetch(endpoint, { signal: deadline }).catch(() => null);
    if (answer !== null) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
