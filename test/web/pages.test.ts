import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DatasetService, startDatasetService } from '../support/datasets.ts';

let service: DatasetService;
beforeAll(async () => {
  service = await startDatasetService();
});
afterAll(async () => {
  await service.close();
});

describe('an empty project', () => {
  it('is where the address / leads, and says what to type first', async () => {
    const home = await service.send('GET', '/');
    expect([home.status, home.headers.get('location')]).toEqual([302, '/p/default']);
    const page = await service.send('GET', '/p/default');
    expect(page.status).toBe(200);
    expect(page.text).toMatch(/^<!doctype html><html lang="en">/);
    expect(page.text).toContain('curl -sS --data-binary @train.csv');
  });
});
