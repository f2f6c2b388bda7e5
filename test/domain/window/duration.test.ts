import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationInWords, formatDuration, parseDuration } from '../../../src/domain/window/duration.ts';

describe('durations', () => {
  it.each([
    ['P1D', 86_400],
    ['PT1H', 3600],
    ['P1W', 604_800],
    ['P1DT2H3M4S', 93_784],
    ['PT90M', 5400],
    [3600, 3600],
    ['PT0S', 0],
  ])('%s is %d seconds', (given, seconds) => {
    expect(parseDuration(given)).toEqual({ seconds });
  });

  it.each(['P', 'PT', '1D', 'P1D2H', 'P-1D', 'P1.5D', '', 'P1M', 'P1Y', 'P1Y2M', Number.NaN, 1.5, 1e300])(
    'refuses %s and says why',
    (given) => {
      expect(parseDuration(given)).toHaveProperty('problem');
    },
  );

  it('tells years and months from nonsense', () => {
    expect(parseDuration('P1M')).toEqual({ problem: expect.stringContaining('differ in length') });
    expect(parseDuration('PT1M')).toEqual({ seconds: 60 });
  });

  it('writes what it can read again', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 9 }), (seconds) => {
        expect(parseDuration(formatDuration(seconds))).toEqual({ seconds });
      }),
    );
  });
});

describe('durationInWords', () => {
  it.each([
    [0, '0 seconds'],
    [1, '1 second'],
    [5400, '1 hour 30 minutes'],
    [365 * 86_400, '365 days'],
    [90_061, '1 day 1 hour 1 minute 1 second'],
  ])('says %i as "%s"', (seconds, words) => {
    expect(durationInWords(seconds)).toBe(words);
  });
});
