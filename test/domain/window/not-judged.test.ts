import { describe, expect, it } from 'vitest';
import { reasonsNotJudged, type WindowFacts } from '../../../src/domain/window/not-judged.ts';

const end = Date.parse('2026-03-02T00:00:00Z');
const HOUR = 3_600_000;

const open: WindowFacts = {
  model: 'churn',
  enabled: true,
  window: { state: 'open', verdict: null, end, rows: 40, error: null },
  perWindow: null,
  watermark: end - HOUR,
  latenessSeconds: 3600,
  idleAfterSeconds: 7200,
  lastBatchAt: end + 5 * HOUR,
  unsettledBatches: 0,
  unsortedBatches: 0,
  referenceState: 'ready',
  waitingFor: null,
  uncalibrated: null,
  job: null,
  minimumRows: 50,
  referenceRows: 1000,
  referenceWindows: null,
};
const window = (part: Partial<WindowFacts['window']>): WindowFacts['window'] => ({ ...open.window, ...part });
const codes = (facts: Partial<WindowFacts>) => reasonsNotJudged({ ...open, ...facts }).map(({ code }) => code);

describe('why a window is not judged', () => {
  it('is nothing once it is', () => {
    expect(codes({ window: window({ state: 'judged', verdict: 'no_drift' }) })).toEqual([]);
    expect(codes({ window: window({ state: 'judged', verdict: 'drift' }), enabled: false })).toEqual([]);
  });

  it('is the event time it waits for, with the clock that will close it', () => {
    const [reason] = reasonsNotJudged(open);
    expect(reason).toMatchObject({
      code: 'events-before-end',
      have: '2026-03-01T23:00:00.000Z',
      need: '2026-03-02T01:00:00.000Z',
    });
    expect(reason?.remedy).toContain('the clock closes it at 2026-03-02T07:00:00.000Z');
    expect(reason?.remedy).toContain('/v1/models/churn/watermark');
    expect(codes({ watermark: end })).toEqual(['lateness-not-over']);
    expect(reasonsNotJudged({ ...open, watermark: null, lastBatchAt: null })[0]).toMatchObject({ have: null });
  });

  it('is what has to happen before', () => {
    expect(codes({ enabled: false, unsettledBatches: 1, unsortedBatches: 2 })).toEqual([
      'monitor-off',
      'batches-unsettled',
      'events-before-end',
    ]);
    expect(codes({ unsortedBatches: 2 })).toEqual(['batches-unsorted', 'events-before-end']);
  });

  it('is the rows that are missing from a window made of them', () => {
    expect(reasonsNotJudged({ ...open, perWindow: 100 })).toMatchObject([
      { code: 'rows-missing', have: 40, need: 100 },
    ]);
    expect(codes({ perWindow: 40 })).toEqual(['lateness-not-over']);
  });

  it('is the reference, or the worker, of one that is complete', () => {
    const ready = window({ state: 'ready' });
    const job = { state: 'waiting', attempts: 0, runAt: end, error: null };
    expect(codes({ window: ready, referenceState: 'pending' })).toEqual(['reference-not-profiled']);
    expect(codes({ window: ready, waitingFor: { start: 0, end, whose: 'daily' } })).toEqual(['reference-not-judged']);
    expect(codes({ window: ready, uncalibrated: { error: null } })).toEqual(['not-calibrated']);
    expect(codes({ window: ready, job })).toEqual(['queued']);
    const tried = reasonsNotJudged({ ...open, window: ready, job: { ...job, attempts: 3, error: 'no space' } });
    expect(tried).toMatchObject([{ code: 'queued', have: 3 }]);
    expect(tried[0]?.message).toContain('no space');
    expect(codes({ window: ready, job: { ...job, state: 'dead', attempts: 10 } })).toEqual(['set-aside']);
  });

  it('is what there is too little of', () => {
    const little = window({ state: 'judged', verdict: 'insufficient_data' });
    expect(reasonsNotJudged({ ...open, window: little })).toMatchObject([{ code: 'too-few-rows', have: 40, need: 50 }]);
    const many = { ...little, rows: 900 };
    expect(reasonsNotJudged({ ...open, window: many, referenceRows: 20 })).toMatchObject([{ have: 20, need: 50 }]);
    expect(codes({ window: many })).toEqual(['nothing-comparable']);
    expect(codes({ window: window({ state: 'judged', verdict: 'no_data', rows: 0 }) })).toEqual(['no-rows']);
    const few = { window: many, referenceRows: 0, referenceWindows: { found: 2, needed: 8 } };
    expect(reasonsNotJudged({ ...open, ...few })).toMatchObject([
      { code: 'too-few-reference-windows', have: 2, need: 8 },
    ]);
  });

  it('is its failure', () => {
    const failed = window({ state: 'failed', verdict: 'error', error: 'The stored bytes are lost.' });
    expect(reasonsNotJudged({ ...open, window: failed })[0]).toMatchObject({ code: 'failed' });
    expect(reasonsNotJudged({ ...open, window: failed })[0]?.message).toContain('The stored bytes are lost.');
  });
});
