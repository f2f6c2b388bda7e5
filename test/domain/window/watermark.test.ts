import { describe, expect, it } from 'vitest';
import { reachedBy, type Seen, seenWith } from '../../../src/domain/window/watermark.ts';

const minutes = (...times: number[]) => Float64Array.from(times);
const NOTHING: Seen = { watermark: null, newest: null };

describe('how far a batch brings event time', () => {
  it('is what all but one of a few rows, and all but one in a hundred of many, have not passed', () => {
    expect(reachedBy(minutes(5, 1, 900), 1000)).toEqual({ passed: 5, newest: 900 });
    const many = Array.from({ length: 300 }, (_, i) => (i < 4 ? 900 + i : i));
    expect(reachedBy(minutes(...many), 1000)).toEqual({ passed: 299, newest: 903 });
    expect(reachedBy(minutes(7, 7), 1000)).toEqual({ passed: 7, newest: 7 });
  });

  it('is nothing for no row, and not enough for one', () => {
    expect(reachedBy(minutes(), 1000)).toEqual({ passed: null, newest: null });
    expect(reachedBy(minutes(3), 1000)).toEqual({ passed: null, newest: 3 });
  });

  it('is never later than the batch came', () => {
    expect(reachedBy(minutes(10, 5000, 6000), 1000)).toEqual({ passed: 1000, newest: 1000 });
  });
});

describe('how far event time has come', () => {
  it('takes two single predictions to move, and one stamped ahead does not', () => {
    const alone = (time: number) => ({ passed: null, newest: time });
    let seen = [10, 20, 9000, 30].reduce((before, time) => seenWith(before, alone(time)), NOTHING);
    expect(seen).toEqual({ watermark: 30, newest: 9000 });
    seen = seenWith(seen, { passed: 40, newest: 50 });
    expect(seen).toEqual({ watermark: 50, newest: 9000 });
    // Late rows move it neither forth nor back.
    expect(seenWith(seen, alone(5))).toEqual(seen);
  });
});
