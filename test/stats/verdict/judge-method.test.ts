import { describe, expect, it } from 'vitest';
import { isBefore, isEarlier, type JudgeMethod } from '../../../src/stats/verdict/judge-method.ts';

/** As they came. */
const IN_TIME: readonly JudgeMethod[] = ['judge@1', 'judge@2', 'judge@3', 'judge@4', 'judge@5'];

describe('the ways of judging', () => {
  it('are in order of time, each before all that came later and not before itself', () => {
    IN_TIME.forEach((method, i) => {
      IN_TIME.forEach((since, j) => {
        expect(isBefore(method, since), `${method} before ${since}`).toBe(i < j);
      });
    });
  });

  it('count values beside rows since the third', () => {
    expect(IN_TIME.map(isEarlier)).toEqual([true, true, false, false, false]);
  });
});
