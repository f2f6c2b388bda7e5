import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { md5Of } from '../support/datasets.ts';
import { type StorageService, startStorageService } from '../support/storage.ts';
import { expectPage, type Look, linksIn, lookAt } from './look.ts';

let service: StorageService;
let look: Look;
beforeAll(async () => {
  service = await startStorageService();
  look = lookAt(service.ctx);
});
afterAll(() => service.close());

describe('the storage page', () => {
  it('says in a project that holds nothing what a scrub and a collection are', async () => {
    const page = await look('/p/default/storage');
    expectPage(page);
    expect(page.text).toContain('npx tidemark remote scrub');
    expect(page.text).toContain('npx tidemark gc --dry-run');
    expect(page.text).toContain('href="/p/default/storage" aria-current="page"');
    expect(page.text).not.toContain('Quarantined</h2>');
  });

  it('shows what is quarantined, what was done, what takes the room and what can be restored', async () => {
    for (const text of ['a\n1\n', 'a\n22\n']) {
      await service.send('POST', '/v1/datasets/small/versions?path=x.csv', text);
    }
    await service.send('POST', '/v1/datasets/large/versions?path=x.csv', 'b\n'.repeat(3000));
    const rotten = await service.hold('rotten');
    await service.send('POST', '/v1/datasets/rot/versions', { oid: rotten, path: 'r.txt' });
    service.remote.objects.set(rotten, new Uint8Array(6));
    await service.work('/v1/remote/scrub');
    await service.work('/v1/gc', { keep: { last: 1 }, dataset: 'small' });
    const page = await look('/p/default/storage');
    expectPage(page);
    expect(page.text).toContain(`<code>${rotten}</code>`);
    expect(page.text.replaceAll(/<[^>]*>/g, '')).toMatch(/rot v1 *r\.txt/);
    expect(linksIn(page)).toContain('/p/default/datasets/rot/versions/v1');
    for (const path of ['/p/default/datasets', '/p/default/datasets/rot', '/p/default/datasets/rot/versions/v1']) {
      expect((await look(path)).text, path).toContain('state degraded');
    }
    expect((await look('/p/default/datasets/large/versions/v1')).text).not.toContain('degraded');
    expect(page.text).toContain('Every byte read again');
    expect(page.text).toContain('3 good');
    expect(page.text).toContain('1 corrupt');
    expect(page.text.replaceAll(/<[^>]*>/g, '')).toContain('npx tidemark restore small@v1');
    expect(page.text.indexOf('>large<')).toBeLessThan(page.text.indexOf('>small<'));
    expect(linksIn(page)).toContain('/p/default/datasets/large');
    await service.send('PUT', `/v1/objects/${md5Of('rotten')}`, 'rotten');
    expect((await look('/p/default/storage')).text).not.toContain(`<code>${rotten}</code>`);
  });
});
