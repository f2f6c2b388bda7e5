import { expect, test } from 'vitest';
import { Gathering } from '../../src/domain/gathering.ts';

/** Runs that end when they are told to. */
function held() {
  const runs: { readonly items: readonly string[]; readonly end: (error?: Error) => void }[] = [];
  const run = (items: readonly string[]): Promise<string[]> =>
    new Promise((resolve, reject) => {
      const end = (error?: Error): void => {
        if (error === undefined) resolve(items.map((item) => item.toUpperCase()));
        else reject(error);
      };
      runs.push({ items, end });
    });
  return { runs, run };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('what comes while one is at work is done together, in runs of at most so many', async () => {
  const { runs, run } = held();
  const gathering = new Gathering(run, 2);
  const answers = Promise.all(['a', 'b', 'c', 'd'].map((item) => gathering.add('key', item)));
  for (let i = 0; i < 3; i++) {
    await turn();
    runs[i]?.end();
  }
  expect(await answers).toEqual(['A', 'B', 'C', 'D']);
  expect(runs.map(({ items }) => items)).toEqual([['a'], ['b', 'c'], ['d']]);
});

test('enough of them are done beside the one at work, and the last to end takes the rest', async () => {
  const { runs, run } = held();
  const gathering = new Gathering(run, 10, 2);
  const answers = Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((item) => gathering.add('key', item)));
  expect(runs.map(({ items }) => items)).toEqual([['a'], ['b', 'c']]);
  runs[1]?.end();
  await turn();
  expect(runs[2]?.items).toEqual(['d', 'e', 'f']);
  const last = gathering.add('key', 'g');
  runs[2]?.end();
  await turn();
  expect(runs).toHaveLength(3);
  runs[0]?.end();
  await turn();
  expect(runs[3]?.items).toEqual(['g']);
  runs[3]?.end();
  expect([await answers, await last]).toEqual([['A', 'B', 'C', 'D', 'E', 'F'], 'G']);
});

test('keys do not wait for each other', async () => {
  const { runs, run } = held();
  const gathering = new Gathering(run, 10);
  const slow = gathering.add('one', 'a');
  const quick = gathering.add('two', 'b');
  runs[1]?.end();
  expect(await quick).toBe('B');
  runs[0]?.end();
  expect(await slow).toBe('A');
});

test('a run that fails fails for those in it alone', async () => {
  const { runs, run } = held();
  const gathering = new Gathering(run, 10);
  const first = gathering.add('key', 'a');
  const others = [gathering.add('key', 'b'), gathering.add('key', 'c')];
  runs[0]?.end();
  expect(await first).toBe('A');
  await turn();
  runs[1]?.end(new Error('broken'));
  expect((await Promise.allSettled(others)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  const later = gathering.add('key', 'd');
  runs[2]?.end();
  expect(await later).toBe('D');
});

test('an item that is answered by a promise of its own holds up nobody', async () => {
  let refuse: (error: Error) => void = () => {};
  const never = new Promise<string>((_, reject) => {
    refuse = reject;
  });
  const gathering = new Gathering<string, string>(
    async (items) => items.map((item) => (item === 'slow' ? never : item)),
    10,
  );
  const [slow, quick, next] = ['slow', 'quick', 'next'].map((item) => gathering.add('key', item));
  expect([await quick, await next]).toEqual(['quick', 'next']);
  refuse(new Error('late'));
  await expect(slow).rejects.toThrow('late');
});
