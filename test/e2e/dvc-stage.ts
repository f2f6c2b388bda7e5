import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import postgres from 'postgres';
import { objectPath } from '../../src/dvc/path.ts';
import { JOB_CHANNEL } from '../../src/store/jobs/jobs.ts';
import { createTestDatabase } from '../support/database.ts';
import { startVersitygw } from '../support/versitygw.ts';
import { createDvcUser, type DvcUser } from './dvc-command.ts';
import { type RunningService, removeFolder, startService } from './service.ts';

const versitygw = process.env.VERSITYGW;
if (versitygw === undefined) console.warn('VERSITYGW is not set: nothing is tried with objects in S3.');

export type RemoteKind = 'directory' | 's3';

/** Where the objects of a service may lie on this machine. */
export const REMOTE_KINDS: readonly RemoteKind[] = versitygw === undefined ? ['directory'] : ['directory', 's3'];

/** A service, where its objects lie, and two who use it with `dvc`. */
export type DvcStage = {
  /** The one that runs; another after `restart`. */
  readonly service: () => RunningService;
  /** While `dvc` runs, nothing here does: a connection that was closed meanwhile is found out by this request. */
  readonly wake: () => Promise<unknown>;
  readonly ann: DvcUser;
  readonly bob: DvcUser;
  /** A dataset's remote. */
  readonly remoteOf: (dataset: string) => string;
  /** A working folder whose default remote is a dataset's. */
  readonly workspace: (user: DvcUser, dataset: string, options?: { git?: boolean }) => string;
  /** A section of a dvc configuration: the storage as a remote of dvc's own, past the service. */
  readonly storageSection: (name: string) => string;
  /** The file that holds an object's bytes. */
  readonly storedAt: (oid: string) => string;
  /** Where bytes lie that have not come to their end. */
  readonly spool: string;
  /** Ends what was pushed so far: how soon `dvc` sends the next object is its own affair. To be called until it has. */
  readonly settle: () => Promise<void>;
  /** Starts the service again on what it left, once it has ended. */
  readonly restart: () => Promise<void>;
  readonly end: () => Promise<void>;
};

/** No push is taken for over by itself: a slow client looks as one that has ended. */
const QUIET = { TIDEMARK_PUSH_QUIET_SECONDS: '3600' };

/** Opens a stage whose pushes end when the test says so. */
export async function openDvcStage(kind: RemoteKind, env: Readonly<Record<string, string>> = {}): Promise<DvcStage> {
  const storage = kind === 's3' ? await openBucket() : null;
  const database = await createTestDatabase();
  const sql = postgres(database.url, { max: 1, onnotice: () => {} });
  const settings = { DATABASE_URL: database.url, ...QUIET, ...storage?.env, ...env };
  let service = await startService({ env: settings });
  const folder = storage?.folder ?? join(service.data, 'remote');
  const users = { ann: createDvcUser('ann'), bob: createDvcUser('bob') };
  const remoteOf = (dataset: string): string => `${service.url}/dvc/default/${dataset}`;
  return {
    ...users,
    service: () => service,
    wake: () => fetch(`${service.url}/livez`).catch(() => null),
    remoteOf,
    workspace: (user, dataset, options) => {
      const work = user.workspace(dataset, options);
      user.run(work, 'remote', 'add', '--default', 'tm', remoteOf(dataset));
      return work;
    },
    storageSection: (name) => `['remote "${name}"']\n${storage?.section ?? `    url = ${folder}\n`}`,
    storedAt: (oid) => join(folder, objectPath(oid)),
    spool: kind === 's3' ? join(service.data, 'spool') : join(folder, 'tmp'),
    settle: async () => {
      const open = await sql`update push_sessions set quiet_at = now() where closed_at is null returning id`;
      const ids = open.map(({ id }) => String(id));
      await sql`update push_objects set at = at - interval '1 day'
        where session_id = any(${ids}) and at > now() - interval '1 day'`;
      await sql`update jobs set run_at = now() - interval '1 second' where name = 'settle-push' and state = 'waiting'`;
      await sql.notify(JOB_CHANNEL, 'settle-push 0');
    },
    restart: async () => {
      service = await startService({ data: service.data, port: service.port, env: settings });
    },
    end: async () => {
      await service.end();
      await storage?.stop();
      await sql.end();
      await database.drop();
      for (const gone of [service.data, users.ann.folder, users.bob.folder]) removeFolder(gone);
    },
  };
}

async function openBucket() {
  const s3 = await startVersitygw(versitygw ?? '');
  const env = {
    TIDEMARK_REMOTE: `s3://${s3.bucket}/some/prefix`,
    AWS_ENDPOINT_URL: s3.endpoint,
    AWS_ACCESS_KEY_ID: s3.accessKey,
    AWS_SECRET_ACCESS_KEY: s3.secretKey,
    AWS_REGION: 'us-east-1',
  };
  const options = {
    url: env.TIDEMARK_REMOTE,
    endpointurl: s3.endpoint,
    access_key_id: s3.accessKey,
    secret_access_key: s3.secretKey,
    region: env.AWS_REGION,
  };
  const section = Object.entries(options).map(([name, value]) => `    ${name} = ${value}\n`);
  return { env, section: section.join(''), folder: join(s3.folder, 'some', 'prefix'), stop: () => s3.stop() };
}

/** Gives another working folder the `.dvc` files of one. */
export function copyPointers(from: string, to: string): void {
  for (const name of readdirSync(from).filter((file) => /.\.dvc$/.test(file))) {
    writeFileSync(join(to, name), readFileSync(join(from, name)));
  }
}
