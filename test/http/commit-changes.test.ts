import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serialiseTree } from '../../src/dvc/tree.ts';
import { type DatasetService, md5Of, sha256Of, startDatasetService } from '../support/datasets.ts';

let service: DatasetService;
beforeAll(async () => {
  service = await startDatasetService();
});
afterAll(async () => {
  await service.close();
});

const problem = (code: string) => expect.objectContaining({ type: `https://tidemark.dev/problems/${code}` });

/** Contents by path. */
type Files = Readonly<Record<string, string>>;
const entriesOf = (files: Files) => Object.entries(files).map(([relpath, bytes]) => ({ relpath, md5: md5Of(bytes) }));
const manifestOf = (files: Files) => serialiseTree(entriesOf(files));
const oidOf = (files: Files) => `${md5Of(manifestOf(files))}.dir`;
const named = (files: Files) => Object.entries(files).map(([path, bytes]) => ({ path, md5: md5Of(bytes) }));
const commit = (dataset: string, body: object) => service.send('POST', `/v1/datasets/${dataset}/versions`, body);

/** Holds a folder and its manifest, without a version of it. */
async function held(files: Files): Promise<string> {
  for (const bytes of Object.values(files)) await service.hold(bytes);
  const answer = await service.send('PUT', `/v1/objects/${oidOf(files)}`, manifestOf(files));
  expect([200, 201]).toContain(answer.status);
  return oidOf(files);
}

async function changesBetween(before: Files, after: Files) {
  for (const bytes of Object.values(after)) await service.hold(bytes);
  const put = named(Object.fromEntries(Object.entries(after).filter(([path, bytes]) => before[path] !== bytes)));
  const remove = Object.keys(before).filter((path) => !(path in after));
  return { from: await held(before), to: oidOf(after), put, remove };
}

const rowsOf = async (oid: unknown) =>
  service.ctx.db.execute(
    sql`select position, path, md5 from manifest_entries where oid = ${String(oid)} order by position`,
  );

const BEFORE: Files = { 'a/1': 'one', 'a/2': 'two', b: 'bee', 'b-c': 'dash', z: 'one' };
const AFTERS: Readonly<Record<string, Files>> = {
  'new bytes under a path': { ...BEFORE, 'a/2': 'other two' },
  'files between others, before and behind them': { ...BEFORE, '0': 'new', 'a/15': 'one', zz: 'last' },
  'fewer files': { 'a/2': 'two', z: 'one' },
  'all of it at once': { 'a/1': 'changed', 'a/11': 'new', 'b-c': 'dash', z: 'last', '\u{1f600}': 'bee' },
  'nothing at all': BEFORE,
  'no file left': {},
};

describe('committing a folder by its changes', () => {
  it.each(Object.entries(AFTERS))('makes what a whole commit makes: %s', async (name, after) => {
    const dataset = name.replaceAll(/\W/g, '-');
    const changes = await changesBetween(BEFORE, after);
    const made = await commit(dataset, { changes });
    expect(made.status).toBe(201);
    const lines = Object.entries(after).map(([path, bytes]) => `${path}\0${sha256Of(bytes)}\n`);
    expect(made.body).toMatchObject({
      oid: oidOf(after),
      path: dataset,
      files: lines.length,
      bytes: Object.values(after).reduce((sum, bytes) => sum + bytes.length, 0),
      sha256_root: sha256Of(lines.sort().join('')),
      provenance: { kind: 'commit' },
    });
    const order = [...entriesOf(after)].sort((a, b) => (a.relpath < b.relpath ? -1 : 1));
    expect(await rowsOf(made.body.oid)).toEqual(
      order.map(({ relpath, md5 }, position) => ({ position, path: relpath, md5 })),
    );
    expect((await service.send('GET', `/v1/objects/${oidOf(after)}`)).text).toBe(
      Buffer.from(manifestOf(after)).toString(),
    );
    const whole = await commit(dataset, { files: named(after) });
    expect([whole.status, whole.body.ref, whole.body.sha256_root]).toEqual([200, 'v1', made.body.sha256_root]);
  });

  it('goes on from what was committed by changes itself', async () => {
    const [first, second] = [
      { ...BEFORE, b: 'second' },
      { ...BEFORE, b: 'second', c: 'third' },
    ];
    await commit('chain', { changes: await changesBetween(BEFORE, first) });
    const made = await commit('chain', { changes: await changesBetween(first, second) });
    const whole = await commit('chain-whole', { files: named(second) });
    expect(made.body).toMatchObject({ ref: 'v2', oid: whole.body.oid, sha256_root: whole.body.sha256_root });
  });

  it('takes a list in an order of its own, as clients of old wrote some', async () => {
    const entries = entriesOf(BEFORE).toReversed();
    const bytes = JSON.stringify(entries);
    const from = `${md5Of(bytes)}.dir`;
    await held(BEFORE);
    expect((await service.send('PUT', `/v1/objects/${from}`, bytes)).status).toBe(201);
    const after = { ...BEFORE, b: 'changed', c: 'new' };
    const made = await commit('old', { changes: { ...(await changesBetween(BEFORE, after)), from } });
    expect(made.body).toMatchObject({ oid: oidOf(after), files: 6 });
    expect((await rowsOf(oidOf(after))).map(({ position }) => position)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('refuses what does not lead where it says, or names what is not there', async () => {
    const after = { ...BEFORE, b: 'changed again' };
    const good = await changesBetween(BEFORE, after);
    const absent = '00000000000000000000000000000001';
    const bodies: [object, number, string][] = [
      [{ changes: { ...good, to: oidOf(BEFORE) } }, 400, 'digest-mismatch'],
      [{ changes: { ...good, from: `${absent}.dir` } }, 404, 'not-found'],
      [{ changes: { ...good, from: absent } }, 422, 'invalid-body'],
      [{ changes: { ...good, remove: ['nowhere'] } }, 422, 'invalid-body'],
      [{ changes: { ...good, put: [...good.put, ...good.put] } }, 422, 'invalid-body'],
      [{ changes: { ...good, put: [{ path: '../b', md5: md5Of('one') }] } }, 422, 'invalid-manifest'],
      [{ changes: { ...good, put: [{ path: 'B', md5: md5Of('one') }] } }, 422, 'invalid-manifest'],
      [{ changes: { ...good, put: [{ path: 'b/c', md5: md5Of('one') }] } }, 422, 'invalid-manifest'],
      [{ changes: { ...good, put: [{ path: 'b', md5: 'none' }] } }, 422, 'invalid-manifest'],
      [{ changes: good, files: named(after) }, 422, 'invalid-body'],
    ];
    for (const [body, status, code] of bodies) {
      const answer = await commit('refused', body);
      expect([JSON.stringify(body), answer.status, answer.body]).toEqual([JSON.stringify(body), status, problem(code)]);
    }
    expect((await commit('refused', { changes: good })).body.ref).toBe('v1');
  });

  it('names changed files that are not held', async () => {
    const [md5, to] = [md5Of('never sent'), oidOf({ ...BEFORE, b: 'never sent' })];
    const changes = { from: await held(BEFORE), to, put: [{ path: 'b', md5 }] };
    const answer = await commit('unheld', { changes });
    expect([answer.status, answer.body]).toEqual([409, problem('missing-children')]);
    expect(answer.body).toMatchObject({ missing: [md5] });
    expect(await rowsOf(to)).toEqual([]);
  });

  it('does not build on a folder with a file that is corrupt', async () => {
    const before = { ...BEFORE, sick: 'rotten' };
    const changes = await changesBetween(before, { ...before, b: 'beside the sick one' });
    await service.ctx.db.execute(sql`update objects set quarantined_at = now() where oid = ${md5Of('rotten')}`);
    const answer = await commit('sick', { changes });
    expect([answer.status, answer.body]).toEqual([404, problem('object-corrupt')]);
    await service.hold('rotten');
    expect((await commit('sick', { changes })).status).toBe(201);
  });
});
