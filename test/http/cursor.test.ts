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
