import { expect, it } from 'vitest';
import { type DriverConnection, watchSilence } from '../../../src/store/postgres/silent-connections.ts';

const SILENT = 15_000;

/** Connections by the pids of their backends, and what became of them. */
function stage(waiting: Readonly<Record<number, number | null>>, atWork: readonly number[] | null) {
  const since = new Map(Object.entries(waiting).map(([pid, at]) => [Number(pid), at]));
  const cut: number[] = [];
  const asked: (readonly number[])[] = [];
  let now = 0;
  const connections = [...since.keys()].map(
    (pid): DriverConnection => ({
      backend: { pid },
      waitingSince: () => since.get(pid) ?? null,
      cut: () => cut.push(pid),
    }),
  );
  const ask = async (pids: readonly number[]) => {
    asked.push(pids);
    return atWork === null ? null : new Set(atWork);
  };
  const look = watchSilence(
    () => connections,
    ask,
    () => now,
  );
  const lookAt = (time: number): Promise<void> => {
    now = time;
    return look();
  };
  return { since, cut, asked, lookAt };
}

it('ends what was silent at two looks and is not at work, and nothing else', async () => {
  const { cut, asked, lookAt } = stage({ 1: 0, 2: 0, 3: null, 4: 1 }, [2]);
  await lookAt(SILENT - 1);
  await lookAt(SILENT);
  expect(asked).toEqual([]);
  await lookAt(SILENT + 1);
  expect(asked).toEqual([[1, 2]]);
  expect(cut).toEqual([1]);
});

it('leaves alone what was heard of between two looks, or while the server was asked', async () => {
  const heard = stage({ 1: 0 }, []);
  await heard.lookAt(SILENT);
  heard.since.set(1, SILENT + 1);
  await heard.lookAt(2 * SILENT + 1);
  expect(heard.asked).toEqual([]);

  const late = stage({ 1: 0 }, []);
  await late.lookAt(SILENT);
  const looking = late.lookAt(SILENT + 1);
  late.since.set(1, null);
  await looking;
  expect([late.asked.length, late.cut]).toEqual([1, []]);
});

it('ends nothing while it cannot be told what is at work', async () => {
  const { cut, asked, lookAt } = stage({ 1: 0 }, null);
  for (const time of [SILENT, SILENT + 1, SILENT + 2]) await lookAt(time);
  expect([asked.length, cut]).toEqual([2, []]);
});
