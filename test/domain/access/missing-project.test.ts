import { describe, expect, it } from 'vitest';
import { missingProject } from '../../../src/domain/access/missing-project.ts';

describe('a project that there is not', () => {
  it('is made by who may, and is told how', () => {
    const error = missingProject('team-a', true);
    expect(error.code).toBe('not-found');
    expect(error.message).toBe(
      'There is no project "team-a"; make it with `tidemark projects make team-a` or POST /v1/projects.',
    );
  });

  it('may be somebody else’s, which is not told', () => {
    expect(missingProject('team-a', false).message).toBe('There is no project "team-a" for this key.');
  });

  it('is not repeated as long as it was asked for', () => {
    expect(missingProject('x'.repeat(5000), true).message.length).toBeLessThan(400);
  });
});
