import { expect, test } from 'vitest';
import { findTask } from '../../../src/domain/model/find-task.ts';

const find = (labels: string[], predictions: (string | null)[], ranked = false) =>
  findTask('other', { labels, predictions, ranked });

test('what was declared is not doubted', () => {
  expect(findTask('regression', { labels: ['a', 'b'], predictions: [], ranked: true })).toBe('regression');
});

test('the task is found from labels and predictions', () => {
  expect(find([], [])).toBe('other');
  expect(find(['0', '1', '1'], ['1', '0', null])).toBe('binary');
  expect(find(['yes', 'no'], ['maybe', 'no'])).toBe('binary');
  expect(find(['cat', 'dog', 'owl'], ['cat', 'cat', 'owl'])).toBe('multiclass');
  expect(find(['0', '1', '2'], ['1', '1', '0'])).toBe('multiclass');
  expect(find(['0', '1', '2'], ['1.5', '1', '0'])).toBe('regression');
  expect(find(['1.5', '2'], ['1.25', '2'])).toBe('regression');
  expect(
    find(
      Array.from({ length: 30 }, (_, i) => String(i)),
      ['1'],
    ),
  ).toBe('regression');
  expect(find(['1', '0'], ['0.2', '0.1'], true)).toBe('ranking');
});
