import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { lineageView } from '../../../schemas/wire/lineage.ts';
import { type Act, day, MODEL, startAct } from '../retraining/act.ts';

type Lineage = z.infer<typeof lineageView>;

let act: Act;
let run: string;
beforeAll(async () => {
  act = await startAct();
  await act.logDay(0);
  await act.logDay(1);
  for (const n of [2, 3, 4]) await act.logDay(n, { shift: 1 });
  await act.drain();
  const order = act.events().find(({ type }) => type === 'retraining.requested')?.data as unknown as {
    run: string;
    callback: { token: string };
  };
  run = order.run;
  const said = await act.call(
    'POST',
    `/v1/runs/${run}/events`,
    {
      state: 'succeeded',
      metrics: { auc: 0.9 },
      model_version: { name: 'second' },
    },
    { authorization: `Bearer ${order.callback.token}` },
  );
  if (said.status >= 300) throw new Error(JSON.stringify(said));
  await act.drain();
  const pushed = await act.call('POST', '/v1/datasets/heir/versions?path=x.csv&parents=credit@v1', 'a\n1\n');
  if (pushed.status >= 300) throw new Error(JSON.stringify(pushed));
});
afterAll(() => act.close());

const lineage = async (query: string): Promise<Lineage> => {
  const answer = await act.call<Lineage>('GET', `/v1/lineage?${query}`);
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  return lineageView.parse(answer.body);
};

/** Edges by the names that people know. */
const edgesOf = ({ nodes, edges }: Lineage): string[] => {
  const titles = new Map(nodes.map(({ id, kind, title }) => [id, kind === 'window' ? title.split(' ').at(-1) : title]));
  return edges.map(({ from, to, relation }) => `${titles.get(from)} ${relation} ${titles.get(to)}`).sort();
};

const start = (n: number) => new Date(day(n)).toISOString();

const LOOP: readonly string[] = [
  `${MODEL} first watched ${start(2)}`,
  `${MODEL} first watched ${start(3)}`,
  `${start(2)} raised alert of ${MODEL} daily`,
  `${start(3)} raised alert of ${MODEL} daily`,
  `alert of ${MODEL} daily started retraining of ${MODEL}`,
  `credit@v1 trained ${MODEL} first`,
  `retraining of ${MODEL} derived ${MODEL}-retraining@v1`,
  `retraining of ${MODEL} produced ${MODEL} second`,
  `${MODEL}-retraining@v1 trained ${MODEL} second`,
];

describe('the lineage', () => {
  it('goes from a version to all it led to, round the loop', async () => {
    const found = await lineage('dataset=credit&ref=v1');
    expect(edgesOf(found)).toEqual([...LOOP, 'credit@v1 derived heir@v1'].sort());
    expect(found.truncated).toBe(false);
    expect(found.nodes.find(({ id }) => id === found.start)).toMatchObject({
      title: 'credit@v1',
      kind: 'dataset_version',
    });
    expect(found.nodes.find(({ kind }) => kind === 'alert')).toMatchObject({ state: 'firing', model: MODEL });
    expect(found.nodes.find(({ run: id }) => id === run)).toMatchObject({ state: 'succeeded' });
    expect(found.nodes.filter(({ kind }) => kind === 'window').map(({ state }) => state)).toEqual(['drift', 'drift']);
    for (const { href = '' } of found.nodes) {
      expect((await act.call('GET', new URL(href).pathname)).status, href).toBe(200);
    }
  });

  it('goes back from what came of it to where it began', async () => {
    for (const query of [`model=${MODEL}&version=second`, `dataset=${MODEL}-retraining`]) {
      const found = await lineage(`${query}&direction=up`);
      const expected = query.startsWith('model') ? LOOP : LOOP.filter((edge) => !edge.endsWith('second'));
      expect(edgesOf(found)).toEqual([...expected].sort());
    }
    expect(edgesOf(await lineage('dataset=heir'))).toEqual(['credit@v1 derived heir@v1']);
  });

  it('begins anywhere, with neighbours of that alone', async () => {
    const alert = (await lineage('dataset=credit')).nodes.find(({ kind }) => kind === 'alert')?.alert;
    expect(edgesOf(await lineage(`alert=${alert}`))).toEqual([...LOOP].sort());
    expect(new Set(edgesOf(await lineage(`run=${run}&depth=1`)))).toEqual(new Set([LOOP[4], LOOP[6], LOOP[7]]));
    const window = (await lineage('dataset=credit')).nodes.find((node) => node.start === start(2));
    const fromReport = await lineage(`report=${window?.report}&direction=up`);
    expect(new Set(edgesOf(fromReport))).toEqual(new Set([LOOP[0], LOOP[5]]));
    expect(edgesOf(await lineage(`model=${MODEL}&direction=up`))).toEqual([LOOP[5]]);
  });

  it('is bounded, and says when it is cut', async () => {
    const short = await lineage('dataset=credit&depth=1');
    expect(short.truncated).toBe(true);
    expect(new Set(edgesOf(short))).toEqual(new Set(['credit@v1 derived heir@v1', LOOP[5]]));
    const few = await lineage('dataset=credit&limit=3');
    expect([few.nodes.length, few.truncated]).toEqual([3, true]);
    const named = new Set(few.nodes.map(({ id }) => id));
    for (const { from, to } of few.edges) expect(named.has(from) && named.has(to)).toBe(true);
  });

  it.each([
    ['', 400],
    ['dataset=credit&run=x', 400],
    ['ref=v1&run=x', 400],
    ['dataset=credit&depth=0', 400],
    ['dataset=credit&limit=1001', 400],
    ['dataset=none', 404],
    ['dataset=credit&ref=v9', 404],
    [`model=${MODEL}&version=third`, 404],
    ['run=run_none', 404],
    ['alert=al_none', 404],
    ['report=rep_none', 404],
  ])('refuses what it cannot begin from: %s', async (query, status) => {
    expect((await act.call('GET', `/v1/lineage?${query}`)).status).toBe(status);
  });
});
