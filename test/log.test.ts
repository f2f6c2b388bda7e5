import { DrizzleQueryError } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { TidemarkError } from '../src/errors.ts';
import { createLog } from '../src/log.ts';

it('says which statement failed and why, but none of its values', () => {
  const lines: string[] = [];
  const log = createLog('info', { write: (line) => void lines.push(line) });
  const failed = new DrizzleQueryError('insert into t values ($1)', ['$& of a person'], new Error('the disk is full'));
  log.warn({ err: failed }, 'direct');
  log.warn({ err: new TidemarkError('store-unavailable', 'Later.', { cause: failed }) }, 'as a cause');
  expect(lines).toHaveLength(2);
  for (const line of lines) {
    const { err } = JSON.parse(line) as { err: Record<string, string> };
    expect(err.stack).toContain('Failed query: insert into t values ($1)');
    expect(err.stack).toContain('the disk is full');
    expect(line).not.toContain('of a person');
  }
});

it('has a long statement whole once, however often it is named', () => {
  const lines: string[] = [];
  const columns = Array.from({ length: 500 }, (_, at) => `column_${at}`).join(',\n  ');
  const failed = new DrizzleQueryError(`select ${columns} from t`, [], new Error('the disk is full'));
  createLog('info', { write: (line) => void lines.push(line) }).warn({ err: failed }, 'failed');
  expect(lines.join().split('column_499')).toHaveLength(2);
  expect(lines.join()).toContain('Failed query: select column_0, column_1,');
  expect(lines.join()).toContain('the disk is full');
});

it('strikes out secrets', () => {
  const lines: string[] = [];
  createLog('info', { write: (line) => void lines.push(line) }).info(
    { endpoint: { secret: 'whsec_1' }, token: 't1' },
    'x',
  );
  expect(lines[0]).not.toMatch(/whsec_1|t1/);
});
