import { afterAll, beforeAll, expect, it } from 'vitest';
import { type DatasetService, startDatasetService } from '../support/datasets.ts';
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
