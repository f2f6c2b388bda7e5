import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { measureCatalogue } from '../../../src/domain/configuration/measure-catalogue.ts';
import { run } from './against.ts';

/** No service is there, and none is needed. */
const tidemark = (...line: string[]) => run(tmpdir(), 'http://127.0.0.1:1', line);

it('the measures are listed, by name, what they are for and from where on they matter', async () => {
  const { code, out } = await tidemark('measures');
  expect(code).toBe(0);
  const [header, ...lines] = out.trim().split('\n');
  expect(header?.split(/\s{2,}/)).toEqual(['MEASURE', 'OF', 'USE', 'LIMIT', 'STANDARD', 'WHAT']);
  expect(lines.map((line) => line.split(' ')[0])).toEqual(measureCatalogue().map(({ name }) => name));
  expect(lines).toContainEqual(
    expect.stringMatching(/^wasserstein\/reference-std@1 +number +effect +0\.1 +yes +Wasserstein distance$/),
  );
});

it('one is told in full, also by a name that it had', async () => {
  const { code, out } = await tidemark('measures', 'l_infinity/shares@1');
  expect([code, out.split('\n')]).toEqual([
    0,
    [
      'l_infinity/shares@2  Largest change of a share',
      expect.stringMatching(/share/),
      'index of category; limit 0.1; standard',
      'also stands for l_infinity/shares@1',
      '',
    ],
  ]);
});

it('for machines they are what the service answers, and a word that means none is a failure', async () => {
  const { out } = await tidemark('measures', '--json');
  expect(JSON.parse(out)).toEqual({ items: measureCatalogue() });
  const { code, err } = await tidemark('measures', 'psy');
  expect([code, err]).toEqual([1, 'tidemark: "psy" is not a measure; `tidemark measures` lists them.\n']);
});
