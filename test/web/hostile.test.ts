import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { profileVersion } from '../../src/domain/profile/profile.ts';
import { saveVersionProfile } from '../../src/store/dataset/profiles.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { createTestDatabase } from '../support/database.ts';
import { expectPage, type Look, lookAt } from './look.ts';

/** Text that a page must show and never obey. */
const IMAGE = '<img src=x onerror=alert(1)>';
const BREAK = '"><script>alert(1)</script>';
const BIDI = '\u202egnp.exe\u2066';
const EMOJI = '🌊'.repeat(60);

let ctx: TestContext;
let look: Look;
let drop: () => Promise<void>;
beforeAll(async () => {
  const database = await createTestDatabase();
  ctx = await createTestContext(database.url);
  look = lookAt(ctx);
  drop = database.drop;
});
afterAll(async () => {
  await ctx.close();
  await drop();
});

describe('names and texts that clients choose', () => {
  it('are shown as text on every page that has them', async () => {
    const csv = `"${IMAGE}","${BREAK.replaceAll('"', '""')}",${BIDI},${EMOJI}\n${IMAGE},1,a,b\n${IMAGE},2,c,d\n`;
    const message = encodeURIComponent(`${IMAGE}${BIDI}`);
    const path = `/v1/datasets/hostile/versions?path=${encodeURIComponent(`${IMAGE}.csv`)}&message=${message}`;
    const pushed = await look(path, { method: 'POST', body: csv, headers: { 'content-type': 'text/csv' } });
    expect(pushed.status).toBe(201);
    expectPage(await look('/p/default/datasets/hostile/versions/v1'));
    await profileVersion(ctx, { versionId: 1 });
    const page = await look('/p/default/datasets/hostile/versions/v1');
    expectPage(page);
    expect(page.text).not.toContain('<img');
    expect(page.text).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(page.text).toContain('&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;');
    // What runs from right to left stays inside its own element.
    expect(page.text).toContain(`<bdi class="strong">${BIDI}</bdi>`);
    expect(page.text).toContain(EMOJI);
    // The file's name is quoted for the shell that the command is pasted into.
    expect(page.text).toContain('-o &#39;&lt;img src=x onerror=alert(1)&gt;.csv&#39;');
    expectPage(await look('/p/default/datasets/hostile'));
  });

  it('do not come back from an address', async () => {
    for (const text of [IMAGE, BREAK, BIDI, '%00', '..', 'a/b']) {
      const page = await look(`/p/default/models/${encodeURIComponent(text)}`);
      expectPage(page, 404);
      expect(page.text).not.toContain('<img');
    }
    expectPage(await look(`/p/${encodeURIComponent(IMAGE)}`), 404);
  });

  it('with U+0000 are the address of nothing', async () => {
    for (const path of [
      '',
      '/alerts',
      '/runs',
      '/datasets',
      '/models',
      '/policies',
      '/messages',
      '/models/m/predictions',
    ])
      expectPage(await look(path === '' ? '/p/%00' : `/p/default${path}/%00`), 404);
    for (const list of ['alerts', 'runs']) expectPage(await look(`/p/default/${list}?before=%00`), 404);
  });

  it('are told with a failed profile too', async () => {
    const error = { code: 'unreadable-data', message: IMAGE };
    await saveVersionProfile(ctx.db, { versionId: 1, state: 'failed', profile: null, schema: null, error });
    const page = await look('/p/default/datasets/hostile/versions/v1');
    expectPage(page);
    expect(page.text).toContain('could not be read');
    expect(page.text).not.toContain('<img');
  });
});
