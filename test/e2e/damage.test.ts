/** Seeded damage of every kind on every path: what is let in, what is handed out, and what is found where it lies. */
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { objectPath } from '../../src/dvc/path.ts';
import { createApp } from '../../src/http/app.ts';
import { type HttpServer, listen } from '../../src/http/server.ts';
import { claimJob, completeJob } from '../../src/store/jobs/jobs.ts';
import { createDirectoryRemote } from '../../src/store/remotes/remote-directory.ts';
import { createS3Remote } from '../../src/store/remotes/remote-s3.ts';
import { JOB_HANDLERS } from '../../workers/jobs.ts';
import { md5, noise } from '../support/bytes.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { createTestDatabase } from '../support/database.ts';
import { startVersitygw } from '../support/versitygw.ts';
import { REMOTE_KINDS, type RemoteKind } from './dvc-stage.ts';

type Damage = { readonly kind: string; readonly good: Uint8Array; readonly bad: Uint8Array };

/** Sizes around the blocks that bytes travel in, nothing, and a few large ones. */
const SIZES = [0, 1, 2, 63, 64, 511, 4096, 65_535, 65_536, 65_537, 262_144, 300_001];
const LARGE = [1024 ** 2, 1024 ** 2 + 1, 2_000_003];

/** Where objects lie, how many of them are spoiled there, and the sizes of the last of these, once for their time. */
type Place = { readonly kind: RemoteKind; readonly count: number; readonly largest: readonly number[] };

const PLACES: readonly Place[] = [
  { kind: 'directory', count: 510, largest: [8 * 1024 ** 2, 200_000_000] },
  // A sample: each of them is many calls. The largest come in several parts.
  { kind: 's3', count: 68, largest: [8 * 1024 ** 2 + 1, 20_000_000] },
];

function* random(seed: number): Generator<number> {
  for (let state = seed >>> 0 || 1; ; ) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    yield (state >>> 0) / 2 ** 32;
  }
}

/** The same damages in every run, of all kinds, each of an object of its own. */
function* damages({ count, largest }: Place): Generator<Damage> {
  const dice = random(20_261_128);
  const below = (limit: number): number => Math.floor((dice.next().value ?? 0) * limit);
  const seen = new Set<string>();
  for (let i = 0; seen.size < count; i++) {
    const usual = i % 17 === 16 ? LARGE[below(LARGE.length)] : SIZES[i % SIZES.length];
    const size = largest[seen.size - count + largest.length] ?? usual ?? 0;
    const good = noise(size, i + 1);
    // Of nothing there is one object, and of one byte are 256.
    if (seen.has(md5(good))) continue;
    seen.add(md5(good));
    const kinds = size === 0 ? ['longer'] : size < 3 ? ['flip', 'longer'] : ['flip', 'truncation', 'swap', 'longer'];
    const kind = kinds[i % kinds.length] ?? '';
    yield { kind, good, bad: spoiled(good, kind, below) };
  }
}

function spoiled(good: Uint8Array, kind: string, below: (limit: number) => number): Uint8Array {
  if (kind === 'truncation') return good.slice(0, below(good.length));
  if (kind === 'longer') return Buffer.concat([good, new Uint8Array([below(256)])]);
  const bad = good.slice();
  if (kind === 'flip') {
    const at = below(bad.length);
    bad[at] = (bad[at] ?? 0) ^ (1 << below(8));
    return bad;
  }
  // Two bytes that differ change places; noise has them nearly everywhere.
  for (;;) {
    const [a, b] = [below(bad.length), below(bad.length)];
    const [x = 0, y = 0] = [bad[a], bad[b]];
    if (x === y) continue;
    bad[a] = y;
    bad[b] = x;
    return bad;
  }
}

/** A remote of one kind or another whose files this test can get at. */
async function openPlace(kind: RemoteKind) {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-damage-'));
  const clear = () => rm(folder, { recursive: true });
  if (kind === 'directory') return { folder, remote: createDirectoryRemote(folder), clear };
  const s3 = await startVersitygw(process.env.VERSITYGW ?? '');
  vi.stubEnv('AWS_ENDPOINT_URL', s3.endpoint);
  vi.stubEnv('AWS_ACCESS_KEY_ID', s3.accessKey);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', s3.secretKey);
  const remote = createS3Remote({ bucket: s3.bucket, prefix: '', spoolFolder: folder });
  return { folder: s3.folder, remote, clear: () => Promise.all([clear(), s3.stop()]) };
}

const places = PLACES.filter(({ kind }) => REMOTE_KINDS.includes(kind));

describe.each(places)('damage in a $kind remote, of $count objects', (place) => {
  const { count } = place;
  let ctx: TestContext;
  let server: HttpServer;
  let folder: string;
  let drop: () => Promise<void>;
  let clear: () => Promise<unknown>;
  beforeAll(async () => {
    const database = await createTestDatabase();
    drop = database.drop;
    const opened = await openPlace(place.kind);
    ({ folder, clear } = opened);
    ctx = await createTestContext(database.url, { remote: opened.remote });
    server = await listen(createApp(ctx), { host: '127.0.0.1', port: 0 });
  });
  afterAll(async () => {
    await server.close(0);
    await ctx.close();
    await drop();
    await clear();
    vi.unstubAllEnvs();
  });

  const url = (oid: string) => `http://127.0.0.1:${server.port}/v1/objects/${oid}`;
  const put = async (oid: string, bytes: Uint8Array): Promise<number> => {
    const answer = await fetch(url(oid), { method: 'PUT', body: bytes });
    await answer.arrayBuffer();
    return answer.status;
  };
  const spoil = async (oid: string, bytes: Uint8Array): Promise<void> => {
    const path = join(folder, objectPath(oid));
    await chmod(path, 0o644);
    await writeFile(path, bytes);
  };

  /** As a client that trusts the length alone: was the answer a whole 200? */
  async function taken(oid: string): Promise<boolean> {
    const call = request(url(oid), { agent: false }).end();
    try {
      const [answer] = await once(call, 'response');
      let size = 0;
      for await (const chunk of answer) size += chunk.length;
      return answer.statusCode === 200 && size === Number(answer.headers['content-length']);
    } catch {
      return false;
    }
  }

  it('is refused on the way in', async () => {
    let caught = 0;
    for (const { good, bad } of damages(place)) {
      const oid = md5(good);
      const status = await put(oid, bad);
      if (status === 400 && (await ctx.remote.stat(oid)) === null) caught++;
    }
    expect(caught).toBe(count);
    expect((await ctx.sql`select 1 from objects`).length).toBe(0);
  }, 300_000);

  it('is never handed out whole, and sets the object aside', async () => {
    let caught = 0;
    for (const { good, bad, kind } of damages(place)) {
      const oid = md5(good);
      expect(await put(oid, good)).toBe(201);
      await spoil(oid, bad);
      if (await taken(oid)) throw new Error(`${kind} of ${good.length} bytes was handed out as whole`);
      const [row] = await ctx.sql`select quarantined_at from objects where oid = ${oid}`;
      if (row?.quarantined_at !== null && (await fetch(url(oid))).status === 404) caught++;
    }
    expect(caught).toBe(count);
  }, 300_000);

  it('is found where it lies, and good bytes heal it', async () => {
    const spoiltOids: string[] = [];
    for (const { good, bad } of damages(place)) {
      const oid = md5(good);
      expect(await put(oid, good)).toBe(201);
      await spoil(oid, bad);
      spoiltOids.push(oid);
    }
    const begun = await fetch(`http://127.0.0.1:${server.port}/v1/remote/scrub`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    expect(begun.status).toBe(202);
    await scrubToTheEnd();
    const found = await ctx.sql<
      { oid: string }[]
    >`select oid from storage_findings where code = 'corrupt' order by oid`;
    expect(found.map(({ oid }) => oid)).toEqual(spoiltOids.toSorted());
    expect(found).toHaveLength(count);
    let healed = 0;
    for (const { good } of damages(place)) {
      const oid = md5(good);
      if ((await fetch(url(oid))).status !== 404) continue;
      if ((await put(oid, good)) === 201 && (await taken(oid))) healed++;
    }
    expect(healed).toBe(count);
  }, 300_000);

  /** What a client has of a part when the answer has ended or broken off. */
  async function takenOf(oid: string, range: string): Promise<Buffer> {
    const call = request(url(oid), { agent: false, headers: { range } }).end();
    const chunks: Buffer[] = [];
    try {
      const [answer] = await once(call, 'response');
      if (answer.statusCode === 206) for await (const chunk of answer) chunks.push(chunk);
      else answer.resume();
    } catch {
      // Broken off: what came before counts.
    }
    return Buffer.concat(chunks);
  }

  it('is never handed out in part, and sets the object aside', async () => {
    const dice = random(4711);
    const below = (limit: number): number => Math.floor((dice.next().value ?? 0) * limit);
    let caught = 0;
    for (const { good, bad, kind } of damages(place)) {
      const oid = md5(good);
      expect([200, 201]).toContain(await put(oid, good));
      await spoil(oid, bad);
      // Around the first byte that is wrong, so that the part has it.
      const wrong = good.findIndex((byte, i) => byte !== bad[i]);
      const start = below(Math.max(wrong, 0) + 1);
      const end = Math.max(wrong, start) + below(good.length - Math.max(wrong, start));
      const part = Buffer.from(good.subarray(start, end + 1));
      const taken = await takenOf(oid, `bytes=${start}-${end}`);
      if (!part.subarray(0, taken.length).equals(taken)) throw new Error(`${kind}: wrong bytes of ${good.length}`);
      // What only grew has all of its own bytes still, and an object of many blocks proves those of a part.
      const whole = wrong < 0 && taken.equals(part);
      const [row] = await ctx.sql`select quarantined_at from objects where oid = ${oid}`;
      const quarantined = row?.quarantined_at !== null;
      if (whole ? !quarantined : quarantined && taken.length < part.length) caught++;
    }
    expect(caught).toBe(count);
  }, 300_000);

  /** Runs the scrub's job, without the pauses that keep it to its rate. */
  async function scrubToTheEnd(): Promise<void> {
    for (;;) {
      await ctx.sql`update jobs set run_at = now() - interval '1 second' where name = 'advance-storage-run'`;
      const job = await claimJob(ctx.db, ['advance-storage-run'], 60);
      if (job === null) return;
      // The payload was put there under this very name.
      await JOB_HANDLERS['advance-storage-run'](ctx, job.payload as { runId: string });
      await completeJob(ctx.db, job);
    }
  }
});
