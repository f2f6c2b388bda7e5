import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createTestDatabase } from '../support/database.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { startVersitygw } from '../support/versitygw.ts';
import { ROOT, type RunningService, startService } from './service.ts';

/** A bucket behind a line that can be made bad, and services that keep their objects there. */
export type BucketStage = {
  readonly proxy: FaultProxy;
  /** Where all its services keep what they know. */
  readonly databaseUrl: string;
  /** The folder of the bucket that objects lie in, as its server keeps them. */
  readonly folder: string;
  readonly start: (given?: {
    readonly data?: string;
    readonly port?: number;
    readonly env?: Readonly<Record<string, string>>;
  }) => Promise<RunningService>;
  readonly close: () => Promise<void>;
};

const PREFIX = 'direct';

/** @param versitygw the server's path. */
export async function openBucketStage(versitygw: string): Promise<BucketStage> {
  const database = await createTestDatabase();
  const s3 = await startVersitygw(versitygw);
  const proxy = await startFaultProxy(s3.endpoint);
  return {
    proxy,
    databaseUrl: database.url,
    folder: `${s3.folder}/${PREFIX}`,
    start: ({ env = {}, ...given } = {}) =>
      startService({
        ...given,
        env: {
          DATABASE_URL: database.url,
          TIDEMARK_REMOTE: `s3://${s3.bucket}/${PREFIX}`,
          TIDEMARK_SECRET_KEY: 'the key of every process of this installation',
          AWS_ENDPOINT_URL: proxy.endpoint,
          AWS_ACCESS_KEY_ID: s3.accessKey,
          AWS_SECRET_ACCESS_KEY: s3.secretKey,
          AWS_REGION: 'us-east-1',
          ...env,
        },
      }),
    close: async () => {
      await proxy.stop();
      await s3.stop();
      await database.drop();
    },
  };
}

/** Runs the command line in a folder, with an index of its own there. What it says is kept while this process goes on. */
export async function runTidemark(
  { url, folder }: { readonly url: string; readonly folder: string },
  line: readonly string[],
): Promise<{ readonly code: number | null; readonly err: string }> {
  const env = { ...process.env, TIDEMARK_URL: url, TIDEMARK_CACHE: join(folder, 'cache'), TIDEMARK_KEY: '' };
  const entry = join(ROOT, 'dist', 'src', 'cli.js');
  const child: ChildProcess = spawn(process.execPath, [entry, ...line], { cwd: folder, env });
  let err = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  child.stdout?.resume();
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, err };
}
