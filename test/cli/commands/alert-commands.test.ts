import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../../src/http/app.ts';
import { listen } from '../../../src/http/server.ts';
import { type Act, startAct } from '../../domain/retraining/act.ts';
import { type Ran, run } from '../tables/against.ts';

let act: Act;
let server: Awaited<ReturnType<typeof listen>>;
let alert = '';
beforeAll(async () => {
  act = await startAct({ policy: { minimum_labelled_rows: 100 } });
  for (const [n, shift] of [
    [0, 0],
    [1, 1],
    [2, 1],
  ] as const) {
    await act.logDay(n, { shift });
    await act.closeDay(n);
  }
  await act.drain(['deliver-messages']);
  server = await listen(createApp(act.ctx), { host: '127.0.0.1', port: 0 });
  alert = (await act.call<{ items: { id: string }[] }>('GET', '/v1/alerts')).body.items[0]?.id ?? '';
});
afterAll(async () => {
  await server.close(1000);
  await act.close();
});

const tidemark = (...line: string[]): Promise<Ran> => run(tmpdir(), `http://127.0.0.1:${server.port}`, line);

describe('tidemark alerts', () => {
  it('lists what is open, and shows one with its history', async () => {
    const listed = await tidemark('alerts');
    expect(listed).toMatchObject({ code: 0, out: expect.stringMatching(/firing +warning +credit +daily +drift/) });
    const shown = await tidemark('alerts', 'show', alert);
    expect(shown.out).toMatch(/firing: drift confirmed, by system/);
    expect(shown.out).toMatch(/^\w+: .+ is above its limit .+\nmore: tidemark monitor report credit daily 20/m);
    expect(shown.out).toMatch(/run run_\d+: requested/);
    expect(await tidemark('alerts', 'list', '--model', 'other')).toMatchObject({ code: 0, out: 'No alert.\n' });
    const machine = JSON.parse((await tidemark('--json', 'alerts')).out) as { items: { id: string }[] };
    expect(machine.items.map(({ id }) => id)).toEqual([alert]);
  });

  it('says that it was seen, silences and ends it', async () => {
    expect(await tidemark('alerts', 'ack', alert, '--by', 'ada', '-m', 'on it')).toMatchObject({ code: 0 });
    expect((await tidemark('alerts')).out).toMatch(/firing \(seen\)/);
    const silence = ['alerts', 'silence', '--match', 'model=credit', '--for', 'P7D', '-m', 'nightly load'];
    const made = await tidemark(...silence, '--at', '0 2 * * *', '--lasting', 'PT1H', '--zone', 'Europe/Berlin');
    expect(made).toMatchObject({ code: 0, out: expect.stringMatching(/^sil_/) });
    const { body } = await act.call<{ items: unknown[] }>('GET', '/v1/silences');
    expect(body.items).toMatchObject([
      {
        matchers: [{ label: 'model', is: ['credit'] }],
        recurring: { schedule: '0 2 * * *', duration: 'PT1H', zone: 'Europe/Berlin' },
      },
    ]);
    expect(await tidemark(...silence, '--at', '0 2 * * *')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/--lasting/),
    });
    expect(await tidemark('alerts', 'silence', '--match', 'credit', '--for', 'P1D', '-m', 'x')).toMatchObject({
      code: 1,
    });
    expect(await tidemark('alerts', 'resolve', alert)).toMatchObject({ code: 2 });
    const ended = await tidemark('alerts', 'resolve', alert, '-m', 'known');
    expect(ended).toMatchObject({ code: 0, out: `${alert} is resolved.\n` });
    expect(await tidemark('alerts')).toMatchObject({ out: 'No alert.\n' });
  });
});

describe('tidemark runs', () => {
  it('lists, shows, cancels and starts runs', async () => {
    const listed = await tidemark('runs');
    const [id = ''] = /run_\d+/.exec(listed.out) ?? [];
    expect(listed.out).toMatch(/requested +credit +on-drift +alert/);
    expect((await tidemark('runs', 'show', id)).out).toMatch(/learned from credit-retraining@v1/);
    expect(await tidemark('runs', 'cancel', id, '-m', 'no')).toMatchObject({ code: 0, out: `${id} is cancelled.\n` });
    expect(await tidemark('runs', 'approve', id)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/does not wait/),
    });
    expect(await tidemark('runs', 'start', 'on-drift')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^run_\d+\n$/),
    });
    expect(await tidemark('runs', 'list', '-s', 'cancelled')).toMatchObject({ out: expect.stringContaining(id) });
  });
});
