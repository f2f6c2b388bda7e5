import { describe, expect, it } from 'vitest';
import { columnGroups } from '../../../src/domain/monitor/judge-task.ts';

describe('groups of columns', () => {
  it('hold as many columns as the budget has room for', () => {
    expect(columnGroups(['a', 'b', 'c', 'd', 'e'], 10, 20)).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
    expect(columnGroups(['a', 'b'], 10, 1000)).toEqual([['a', 'b']]);
  });

  it('hold at least one column, and are at least one', () => {
    expect(columnGroups(['a', 'b'], 1000, 20)).toEqual([['a'], ['b']]);
    expect(columnGroups([], 10, 20)).toEqual([[]]);
  });
});
