import { describe, expect, it } from 'vitest';
import { noTable } from '../../../src/cli/tables/table-source.ts';
import { TidemarkError } from '../../../src/errors.ts';

describe('a name of no table', () => {
  it('is told as a path where no version can be called so', () => {
    const found = noTable('data/gone.csv', new TidemarkError('bad-request', 'The path parameter "dataset": …'));
    expect(found).toMatchObject({
      code: 'bad-path',
      message: 'There is nothing at data/gone.csv, and no version is called so.',
    });
  });

  it('is told with what was said of it as a version, where there might be one', () => {
    const found = noTable('gone.csv', new TidemarkError('not-found', 'There is no dataset "gone.csv".'));
    expect(found).toMatchObject({
      code: 'bad-path',
      message: 'There is nothing at gone.csv, and as a version: There is no dataset "gone.csv".',
    });
  });

  it('leaves what went wrong otherwise as it is', () => {
    const cause = new TidemarkError('digest-mismatch', 'The bytes are others.');
    expect(noTable('census@v1', cause)).toBe(cause);
  });
});
