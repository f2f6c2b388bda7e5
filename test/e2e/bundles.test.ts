import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { objectPath } from '../../src/dvc/path.ts';
import { md5, noise } from '../support/bytes.ts';
import { type BucketStage, openBucketStage, runTidemark } from './bucket-stage.ts';
import { type Barrier, type Halt, openBarrier } from './halts.ts';
import { makeFolder, type RunningService, removeFolder, until } from './service.ts';

/** Small files of a push to a bucket, from the moment they are durable until each has its own name. */
const versitygw = process.env.VERSITYGW;

const COUNT = 200;

/** With what it said beside it, should it end otherwise. */
const ENDED = { code: 0 };

describe.skipIf(versitygw === undefined)('many small files in a bucket (skipped without VERSITYGW)', () => {
  let stage: BucketStage;
  let barrier: Barrier;
  let service: RunningService;
  let folder: string;
  let seed = 0;
  let files: ReadonlyMap<string, Uint8Array>;

  beforeAll(async () => {
    stage = await openBucketStage(versitygw ?? '');
    barrier = openBarrier(stage.databaseUrl);
    folder = makeFolder('bundles');
    service = await stage.start();
  });
  afterAll(async () => {
    await service.end();
    await barrier.end();
    await stage.close();
    removeFolder(service.data);
    removeFolder(folder);
  });
  beforeEach(() => {
    const made = Array.from({ length: COUNT }, (_, i) => [`${i}.bin`, noise(1000 + i, ++seed)] as const);
    files = new Map(made);
    mkdirSync(join(folder, 'data'));
    for (const [name, bytes] of files) writeFileSync(join(folder, 'data', name), bytes);
  });
  afterEach(() => {
    for (const name of ['data', 'pulled', 'cache']) rmSync(join(folder, name), { recursive: true, force: true });
  });

  const tidemark = (...line: string[]) => runTidemark({ url: service.url, folder }, line);

  const named = () => [...files.values()].filter((bytes) => existsSync(join(stage.folder, objectPath(md5(bytes)))));
  const bundles = () => (existsSync(join(stage.folder, 'bundles')) ? readdirSync(join(stage.folder, 'bundles')) : []);
  const waiting = async () =>
    /^tidemark_bundles_waiting 0$/m.exec(await (await fetch(`${service.url}/metrics`)).text());
  /** Also known to be: what is still to be written down would come to the next halt. */
  async function laidOut(): Promise<void> {
    await until('nothing to wait', waiting);
    expect(named()).toHaveLength(COUNT);
  }

  async function expectPulled(dataset: string): Promise<void> {
    expect(await tidemark('pull', dataset, '--to', 'pulled')).toMatchObject(ENDED);
    const pulled = [...files].map(([name]) => readFileSync(join(folder, 'pulled', 'data', name)));
    expect(pulled.map(md5)).toEqual([...files.values()].map(md5));
    rmSync(join(folder, 'pulled'), { recursive: true });
  }

  /** Kills the service where `line` has brought it to the halt, and starts another. */
  async function killAt(halt: Halt, work: () => Promise<unknown>): Promise<void> {
    await halt.set();
    const working = work();
    await halt.reached();
    const { data } = service;
    await service.end('SIGKILL');
    await barrier.bury();
    await halt.clear();
    service = await stage.start({ data, port: Number(new URL(service.url).port) });
    await working;
  }

  test('are sent to it together, pulled at once, and get the names of dvc', async () => {
    stage.proxy.seen.length = 0;
    expect(await tidemark('push', 'data', '-d', 'together')).toMatchObject(ENDED);
    await expectPulled('together');
    expect(await tidemark('remote', 'status', '--wait')).toMatchObject(ENDED);
    expect(named()).toHaveLength(COUNT);
    // A start looks whether it can write there.
    const puts = stage.proxy.seen.filter((line) => line.startsWith('PUT') && !line.includes('/tmp/probe'));
    const together = puts.filter((line) => line.includes('/bundles/'));
    expect(together.length).toBeLessThan(10);
    // What has its own name was sent again for that, later.
    expect(together).toContain(puts[0]);
    expect(puts.filter((line) => line.includes('/files/md5/')).length).toBeLessThan(2 * COUNT);
    for (const bytes of files.values()) {
      expect(md5(readFileSync(join(stage.folder, objectPath(md5(bytes)))))).toBe(md5(bytes));
    }
    expect(await waiting()).not.toBeNull();
    stage.proxy.seen.length = 0;
    await expectPulled('together');
    expect(stage.proxy.seen.filter((line) => line.startsWith('GET')).length).toBeLessThan(10);
  });

  test('are read one by one before they have names', async () => {
    expect(await tidemark('push', 'data', '-d', 'singly')).toMatchObject(ENDED);
    const answers = await Promise.all(
      [...files.values()].map(async (bytes) => {
        const oid = md5(bytes);
        const answer = await fetch(`${service.url}/dvc/default/files/md5/${oid.slice(0, 2)}/${oid.slice(2)}`);
        return md5(new Uint8Array(await answer.arrayBuffer()));
      }),
    );
    expect(answers).toEqual([...files.values()].map(md5));
  });

  test('are nowhere when the service is killed before they are known, and sent again by the client', async () => {
    const before = bundles().length;
    const halt = barrier.halt('a bundle is written', { table: 'bundles', on: 'insert', when: 'true', at: 'commit' });
    await killAt(halt, () => tidemark('push', 'data', '-d', 'unknown'));
    await expectPulled('unknown');
    await laidOut();
    // What lay in the bucket when the service died is nobody's, and goes with other remains.
    expect(bundles().length - before).toBeGreaterThan(1);
  });

  test('have all their names after the service was killed while it gave them', async () => {
    // Others of before would have it killed before the push has met it.
    await until('nothing to wait', waiting);
    const when = 'old.laid_out_at is null and new.laid_out_at is not null';
    const halt = barrier.halt('a bundle is laid out', { table: 'bundles', on: 'update', when, at: 'commit' });
    await killAt(halt, async () => {
      expect(await tidemark('push', 'data', '-d', 'killed')).toMatchObject(ENDED);
    });
    await expectPulled('killed');
    await laidOut();
  });

  test('get their names once the bucket answers again', async () => {
    const paths = [...files.values()].map((bytes) => objectPath(md5(bytes)));
    const isNaming = (method: string, path: string) => method === 'PUT' && paths.some((own) => path.includes(own));
    let attempts = 0;
    stage.proxy.fault = (method, path) => {
      if (!isNaming(method, path)) return null;
      attempts++;
      return { status: 503 };
    };
    expect(await tidemark('push', 'data', '-d', 'away')).toMatchObject(ENDED);
    await until('an attempt', async () => (attempts > 0 ? true : null));
    await expectPulled('away');
    expect(named()).toHaveLength(0);
    stage.proxy.fault = () => null;
    await laidOut();
  });
});
