import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { objectPath } from '../../src/dvc/path.ts';
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
  /** Starts the service again on what it left, once it has ended. */
  readonly restart: () => Promise<void>;
  readonly end: () => Promise<void>;
};

/** Opens a stage whose service settles a push after a second. */
export async function openDvcStage(kind: RemoteKind, env: Readonly<Record<string, string>> = {}): Promise<DvcStage> {
  const storage = kind === 's3' ? await openBucket() : null;
  const settings = { TIDEMARK_PUSH_QUIET_SECONDS: '1', ...storage?.env, ...env };
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
    restart: async () => {
      service = await startService({ data: service.data, port: service.port, env: settings });
    },
    end: async () => {
      await service.end();
      await storage?.stop();
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
