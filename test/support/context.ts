import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ComputePool, createComputePool } from '../../src/compute/pool.ts';
import { readConfig } from '../../src/config.ts';
import type { Context } from '../../src/context.ts';
import { createLog } from '../../src/log.ts';
import { readRelease } from '../../src/release.ts';
import { PACKAGE_ROOT } from '../../src/root.ts';
import { createSecretBox } from '../../src/store/access/secret-box.ts';
import { openDatabase } from '../../src/store/postgres/db.ts';
import { createMemoryRemote } from '../../src/store/remotes/remote-memory.ts';
import { createWebhookSender } from '../../src/webhook/send.ts';
import { createMailSender } from '../../src/webhook/send-mail.ts';

/** The time it is in a test that sets no clock of its own. */
export const TEST_TIME = new Date('2026-03-01T12:00:00.000Z');

export type TestContext = Context & {
  /** Ends the connections and removes the temporary files; the compute child stays warm for the next context. */
  readonly close: () => Promise<void>;
};

/**
 * A whole context on a migrated test database: objects in memory, real compute children that run the sources,
 * a clock that stands still, ids and random bytes that are counted.
 * @param overrides replace members; `environment` holds further variables for the configuration.
 */
export async function createTestContext(
  url: string,
  overrides: Partial<Context> & { readonly environment?: Readonly<Record<string, string>> } = {},
): Promise<TestContext> {
  const { environment, ...members } = overrides;
  const data = await mkdtemp(join(tmpdir(), 'tidemark-test-'));
  const config = readConfig({
    TIDEMARK_DATA: data,
    TIDEMARK_LOG_LEVEL: 'silent',
    // Jobs run when a test says so: nobody would end the wait for a profile.
    TIDEMARK_PROFILE_WAIT_SECONDS: '0',
    TIDEMARK_SETTLE_DELAY_MILLISECONDS: '0',
    ...environment,
  });
  const database = openDatabase(url, 6);
  const now = members.now ?? (() => TEST_TIME);
  let ids = 0;
  let draws = 0;
  return {
    config,
    log: createLog('silent'),
    release: readRelease(),
    db: database.db,
    sql: database.sql,
    remote: createMemoryRemote(),
    compute: warmPool(config.limits.computeMilliseconds),
    secrets: createSecretBox('a key for tests that is long enough'),
    send: createWebhookSender({ allow: config.webhookAllow, now }),
    mail: createMailSender({ allow: config.webhookAllow, name: 'tidemark.test' }),
    now,
    localNow: now,
    newId: (prefix) => `${prefix}_${String(++ids).padStart(26, '0')}`,
    randomBytes: (size) => countedBytes(++draws, size),
    publicUrl: () => 'http://127.0.0.1:8490',
    ...members,
    close: async () => {
      await database.close();
      await rm(data, { recursive: true, force: true });
    },
  };
}

const pools = new Map<number, ComputePool>();

/**
 * A child holds nothing between two tasks, so all files that a test process runs may share one: to start it and to
 * compile what it runs takes longer than most tests. It ends with the channel to its parent.
 */
function warmPool(timeoutMilliseconds: number): ComputePool {
  const known = pools.get(timeoutMilliseconds);
  if (known !== undefined) return known;
  const entry = join(PACKAGE_ROOT, 'workers', 'compute.ts');
  const pool = createComputePool({ entry, children: 1, timeoutMilliseconds, megabytes: 512 });
  pools.set(timeoutMilliseconds, pool);
  return pool;
}

/** Bytes that differ from draw to draw and are the same in every run. */
function countedBytes(draw: number, size: number): Uint8Array {
  const blocks = Array.from({ length: Math.ceil(size / 32) }, (_, i) =>
    createHash('sha256').update(`${draw}/${i}`).digest(),
  );
  return Buffer.concat(blocks).subarray(0, size);
}
