import { describe, expect, it } from 'vitest';
import { workingValues } from '../../../src/stats/summaries/working-values.ts';

describe('room for the values of one batch', () => {
  it('is as much as is asked for, or more where more was asked for before', () => {
    const few = workingValues(3);
    expect(few.length).toBeGreaterThanOrEqual(3);
    const many = workingValues(few.length + 5);
    expect(many).toHaveLength(few.length + 5);
    expect(workingValues(many.length)).toBe(many);
    expect(workingValues(1)).toBe(many);
  });
});
