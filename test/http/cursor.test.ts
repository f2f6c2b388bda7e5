import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readIdCursor, writeCursor, writeIdCursor } from '../../src/http/cursor.ts';
import { type DatasetService, startDatasetService } from '../support/datasets.ts';

describe('the cursor of a list by ids', () => {
  it('is read as it was written, by its own list alone', () => {
    const cursor = writeIdCursor('run_01') ?? '';
    expect(readIdCursor(cursor, 'run')).toBe('run_01');
    expect(readIdCursor(undefined, 'run')).toBeUndefined();
    expect(writeIdCursor(null)).toBeNull();
    const others = ['run_01', '\0', '', writeIdCursor('al_01') ?? '', writeCursor(7), writeCursor('run_\0')];
    for (const other of others) expect(() => readIdCursor(other, 'run')).toThrow('not one that a page gave');
  });
});

describe('the cursor of any list', () => {
  let service: DatasetService;
  beforeAll(async () => {
    service = await startDatasetService();
    for (const name of ['a', 'b', 'c']) {
      for (const text of ['x\n1\n', 'x\n2\n', 'x\n3\n']) {
        await service.send('POST', `/v1/datasets/${name}/versions?path=x.csv&labels=of=${name}`, text);
      }
    }
    await service.send('POST', '/v1/projects', { name: 'other' });
  });
  afterAll(() => service.close());

  const nextOf = async (path: string): Promise<string> => {
    const { status, body } = await service.send('GET', path);
    expect([path, status, typeof body.next]).toEqual([path, 200, 'string']);
    return String(body.next);
  };
  const follow = async (path: string, cursor: string) =>
    service.send('GET', `${path}${path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(cursor)}`);

  it('leads on in its own, whatever the size of a page', async () => {
    const cursor = await nextOf('/v1/datasets?limit=1');
    for (const path of ['/v1/datasets', '/v1/datasets?limit=5', '/v1/datasets?project=default']) {
      const { body } = await follow(path, cursor);
      expect((body.items as { name: string }[]).map(({ name }) => name)).toEqual(['b', 'c']);
    }
    const labelled = await nextOf('/v1/datasets/a/versions?label=of=a&limit=1');
    const rest = await follow('/v1/datasets/a/versions?limit=1&label=of=a', labelled);
    expect((rest.body.items as { ref: string }[]).map(({ ref }) => ref)).toEqual(['v2']);
  });

  it('is none in another list, project or choice, which is said', async () => {
    const datasets = await nextOf('/v1/datasets?limit=1');
    const versions = await nextOf('/v1/datasets/a/versions?limit=1');
    const audit = await nextOf('/v1/audit?limit=1').catch(() => versions);
    for (const [path, cursor] of [
      ['/v1/trash/objects', datasets],
      ['/v1/remote/quarantined', datasets],
      ['/v1/datasets?project=other', datasets],
      ['/v1/datasets/b/versions', versions],
      ['/v1/datasets/a/versions?label=of=b', versions],
      ['/v1/audit?action=tag.set', audit],
      ['/v1/trash', versions],
      ['/v1/datasets', versions],
      // Without its mark, as it was given before there was any, and with one that was made up.
      ['/v1/datasets', writeCursor('a')],
      ['/v1/datasets', `${writeCursor('a')}.AAAAAAAA`],
    ] as const) {
      const answer = await follow(path, cursor);
      expect([path, answer.status, answer.body.detail]).toEqual([
        path,
        400,
        'This cursor is not one that a page of this list gave, with the same filters; begin again without it.',
      ]);
    }
  });
});

describe('lists by ids', () => {
  let service: DatasetService;
  beforeAll(async () => {
    service = await startDatasetService();
  });
  afterAll(() => service.close());

  it('refuse a cursor that they did not write', async () => {
    for (const path of ['/v1/alerts', '/v1/runs'])
      for (const cursor of ['%00', '1%00', 'al_01', writeCursor('msg_01')]) {
        const answer = await service.send('GET', `${path}?cursor=${cursor}`);
        expect(answer.status, `${path} ${cursor}`).toBe(400);
        expect(answer.body).toMatchObject({ detail: expect.stringContaining('cursor') });
      }
  });
});
