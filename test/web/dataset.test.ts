import { afterAll, beforeAll, expect, it } from 'vitest';
import { profileVersion } from '../../src/domain/profile/profile.ts';
import { type DatasetService, md5Of, startDatasetService } from '../support/datasets.ts';
import { expectPage, lookAt } from './look.ts';

let service: DatasetService;
beforeAll(async () => {
  service = await startDatasetService();
});
afterAll(() => service.close());

it('says what a dataset was called, and how it is read where that is not as others are', async () => {
  const look = lookAt(service.ctx);
  const words = async (name: string): Promise<string> => {
    const page = await look(`/p/default/datasets/${name}`);
    expectPage(page);
    return page.text.replaceAll(/<[^>]*>/g, '');
  };
  await service.send('POST', '/v1/datasets/sales/versions?path=x.csv', 'a;b\n1,5;2\n');
  expect(await words('sales')).not.toMatch(/as it was called|are read with|are no columns/);
  const reading = { decimal: ',', thousands: '.', partitions: false };
  await service.send('PATCH', '/v1/datasets/sales', { name: 'umsatz', reading });
  for (const name of ['umsatz', 'sales']) {
    const text = await words(name);
    expect(text).toContain('Found as sales too, as it was called.');
    expect(text).toContain(
      'Its numbers are read with “,” before decimals and “.” between thousands. The keys in the names of its folders are no columns.',
    );
  }
  const said = async (dates: unknown) => {
    await service.send('PATCH', '/v1/datasets/sales', { reading: { dates } });
    return words('sales');
  };
  await service.send('PATCH', '/v1/datasets/sales', { reading: { missing: ['-', '<i>'] } });
  expect(await words('sales')).toContain('A cell has no value that holds “-” or “&lt;i&gt;”.');
  expect(await said('day-first')).toContain('Its dates are read as “day-first”.');
  expect(await said({ a: '%d/%m/%Y', '<b>': 'year-first' })).toContain(
    'Its dates are read as “%d/%m/%Y” in “a”, “year-first” in “&lt;b&gt;”.',
  );
});

it('shows the most frequent points in time as such', async () => {
  await service.send(
    'POST',
    '/v1/datasets/days/versions?path=x.csv',
    'day,n\n2024-03-01,1\n2024-03-01,2\n2024-03-02,3\n',
  );
  const [row] = await service.ctx.sql`select max(id) as id from versions`;
  await profileVersion(service.ctx, { versionId: Number(row?.['id']) });
  const page = await lookAt(service.ctx)('/p/default/datasets/days/versions/v1');
  expectPage(page);
  expect(page.text.replaceAll(/<[^>]*>/g, '')).toContain('2024-03-01 67 %, 2024-03-02 33 %');
});

it('shows the columns of a wide table some at a time, and those of a name', async () => {
  const look = lookAt(service.ctx);
  const names = Array.from({ length: 1100 }, (_, i) => `c${i + 1}`);
  await service.send(
    'POST',
    '/v1/datasets/wide/versions?path=x.csv',
    `${names.join()}\n${names.map(() => 1).join()}\n`,
  );
  const [row] = await service.ctx.sql`select max(id) as id from versions`;
  await profileVersion(service.ctx, { versionId: Number(row?.['id']) });
  const address = '/p/default/datasets/wide/versions/v1';
  const shown = async (query: string) => {
    const page = await look(address + query);
    expectPage(page);
    const columns = [...page.text.matchAll(/<bdi class="strong">(c\d+)<\/bdi>/g)].map(([, name]) => name);
    const links = [...page.text.matchAll(/<a href="([^"]*)">(?:← Before|After →)<\/a>/g)].map(([, href]) => href);
    const text = page.text.replaceAll(/<[^>]*>/g, '').replaceAll(/(?<=\d)[^\w](?=\d{3}\b)/g, '');
    const said = /\d+ to \d+ of \d+|None of 0/.exec(text)?.[0];
    return { columns: [columns.length, columns[0], columns.at(-1)], links, said };
  };
  expect(await shown('')).toEqual({
    columns: [500, 'c1', 'c500'],
    links: [`${address}?skip=500`],
    said: '1 to 500 of 1100',
  });
  expect(await shown('?skip=1000')).toEqual({
    columns: [100, 'c1001', 'c1100'],
    links: [`${address}?skip=500`],
    said: '1001 to 1100 of 1100',
  });
  expect((await shown('?skip=500')).links).toEqual([address, `${address}?skip=1000`]);
  expect(await shown('?column=C99')).toEqual({ columns: [11, 'c99', 'c999'], links: [], said: '1 to 11 of 11' });
  expect(await shown('?column=%22none')).toMatchObject({ columns: [0, undefined, undefined], said: 'None of 0' });
  for (const skip of ['x', '-5', '1e9', '0.5']) await shown(`?skip=${skip}`);
});

it('lists files and what changed of them in tables that are read on narrow screens too', async () => {
  const look = lookAt(service.ctx);
  for (const body of ['a,b\n1,2\n', 'a,c\n1,2\n']) {
    await service.hold(body);
    const files = ['x.csv', 'y.bin'].map((path) => ({ path, md5: md5Of(body) }));
    const { body: made } = await service.send('POST', '/v1/datasets/narrow/versions', { files });
    const [row] = await service.ctx.sql`select max(id) as id from versions`;
    await profileVersion(service.ctx, { versionId: Number(row?.['id']) });
    expect(made).toMatchObject({ dataset: 'narrow' });
  }
  const labelsOf = async (path: string) => {
    const page = await look(`/p/default/datasets/narrow/${path}`);
    expectPage(page);
    return [...page.text.matchAll(/data-label="([^"]*)"/g)].map(([, label]) => label);
  };
  const file = ['Path', 'Size', 'MD5'];
  expect(await labelsOf('versions/v1')).toEqual([...file, ...file]);
  const rows = ['Change', 'Column', 'Type'];
  const changed = ['Change', 'Path', 'Size'];
  expect(await labelsOf('diff/v1..v2')).toEqual([...rows, ...rows, ...changed, ...changed]);
});
