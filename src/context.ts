import type postgres from 'postgres';
import type { ComputePool } from './compute/pool.ts';
import type { Config } from './config.ts';
import type { Log } from './log.ts';
import type { Db } from './store/db.ts';
import type { ObjectRemote } from './store/remote.ts';
import type { SecretBox } from './store/secret-box.ts';
import type { WebhookSender } from './webhook/send.ts';

/**
 * What a verb may reach. Each verb asks for what it uses (`Pick<Context, 'db' | 'remote'>`), so its signature
 * is the list of its side effects.
 */
export type Context = {
  readonly config: Config;
  readonly log: Log;
  readonly db: Db;
  /** The driver, for LISTEN/NOTIFY and bulk statements. */
  readonly sql: postgres.Sql;
  readonly remote: ObjectRemote;
  /** Parses foreign bytes and runs the kernels in killable processes. */
  readonly compute: ComputePool;
  readonly secrets: SecretBox;
  readonly send: WebhookSender;
  /** The wall clock. Leases and due times use the database's own. */
  readonly now: () => Date;
  /** A new sortable id: `newId('run')` is `run_` and 26 characters. */
  readonly newId: (prefix: string) => string;
  /** Random bytes for secrets and tokens. */
  readonly randomBytes: (size: number) => Uint8Array;
  /** The address links and callbacks are made from, without a trailing slash. */
  readonly publicUrl: () => string;
};
