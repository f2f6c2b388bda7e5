import { describe, expect, test } from 'vitest';
import type { Client } from '../../../src/cli/client/client.ts';
import { remoteStatus } from '../../../src/cli/storage/remote.ts';

const WHOLE = {
  location: 's3://bucket/data',
  objects: 20,
  bytes: 4000,
  quarantined: 0,
  oldest_verified_at: null,
  runs: [],
};

/** What a service that says one thing after another, and the last for ever, makes the command do. */
async function statusOf(answers: readonly object[], { wait = false } = {}) {
  const told = { asked: [] as string[], passing: [] as string[], waited: [] as number[], out: '', json: {} };
  const call: Client['call'] = async (shape, method, path) => {
    told.asked.push(`${method} ${path}`);
    return shape.parse({ ...WHOLE, ...answers[Math.min(told.asked.length, answers.length) - 1] });
  };
  const terminal = {
    progress: (line: string) => void told.passing.push(line),
    result: (value: unknown, show: () => string) => Object.assign(told, { json: value, out: show() }),
  };
  const code = await remoteStatus({ call }, terminal, { wait }, async (milliseconds) => {
    told.waited.push(milliseconds);
  });
  return { code, ...told };
}

const HEAD = 's3://bucket/data: 20 objects, 4.0 kB, 0 quarantined';
const laidOut = (bundles: string) =>
  `${bundles} being laid out: until then the service finds them, and \`dvc\` straight in the bucket does not`;

describe('what waits in a bucket', () => {
  test('is told, and not waited for unless that is asked', async () => {
    const status = await statusOf([{ bundles_waiting: 3 }]);
    expect([status.code, status.out]).toEqual([0, `${HEAD}\n${laidOut('3 bundles of small files are')}`]);
    expect([status.asked, status.waited]).toEqual([['GET /v1/remote'], []]);
  });

  test('is waited for, and told meanwhile, until nothing does', async () => {
    const waiting = [{ bundles_waiting: 2 }, { bundles_waiting: 1 }, { bundles_waiting: 0, objects: 20 }];
    const status = await statusOf(waiting, { wait: true });
    expect([status.code, status.out]).toEqual([0, HEAD]);
    expect(status.passing).toEqual([laidOut('2 bundles of small files are'), laidOut('1 bundle of small files is')]);
    expect(status.waited).toEqual([500, 500]);
    expect(status.asked).toHaveLength(3);
  });

  test('of a service that does not say it is nothing', async () => {
    const status = await statusOf([{}], { wait: true });
    expect([status.code, status.out, status.waited]).toEqual([0, HEAD, []]);
    expect(status.json).toMatchObject({ bundles_waiting: 0, bundles_missed: 0 });
  });
});

describe('bundles that are not in the bucket', () => {
  const said = `${HEAD}\n4 bundles of small files are not in the bucket: is it the right one?`;

  test('are told, and the exit code says that something is wrong', async () => {
    const status = await statusOf([{ bundles_missed: 4 }]);
    expect([status.code, status.out]).toEqual([1, said]);
    expect(status.json).toMatchObject({ bundles_missed: 4, quarantined: 0 });
  });

  test('are not waited for, while others are', async () => {
    const status = await statusOf([{ bundles_missed: 4, bundles_waiting: 1 }, { bundles_missed: 4 }], { wait: true });
    expect([status.code, status.out, status.waited]).toEqual([1, said, [500]]);
  });
});
