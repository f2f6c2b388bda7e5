import { describe, expect, it } from 'vitest';
import { isLiving, mayReport, type ReportedState, type RunState } from '../../../src/domain/run/run.ts';
import { makeToken, tokenDigest } from '../../../src/domain/run/token.ts';

const STATES: RunState[] = [
  'awaiting_approval',
  'declined',
  'expired',
  'preparing',
  'requested',
  'accepted',
  'running',
  'succeeded',
  'failed',
  'timed_out',
  'cancelled',
  'promoted',
  'rolled_back',
];
const REPORTED: ReportedState[] = ['accepted', 'running', 'succeeded', 'failed', 'cancelled'];

describe('a run', () => {
  it('only goes forward', () => {
    const allowed = STATES.flatMap((from) => REPORTED.filter((to) => mayReport(from, to)).map((to) => `${from}→${to}`));
    expect(allowed).toEqual([
      'requested→accepted',
      'requested→running',
      'requested→succeeded',
      'requested→failed',
      'requested→cancelled',
      'accepted→accepted',
      'accepted→running',
      'accepted→succeeded',
      'accepted→failed',
      'accepted→cancelled',
      'running→running',
      'running→succeeded',
      'running→failed',
      'running→cancelled',
    ]);
    expect(STATES.filter(isLiving)).toEqual(['awaiting_approval', 'preparing', 'requested', 'accepted', 'running']);
  });
});

describe('a token', () => {
  it('is 32 bytes that nobody can read back from what is kept', () => {
    const { token, sha256 } = makeToken(new Uint8Array(32).fill(5));
    expect(token).toMatch(/^tmr_[A-Za-z0-9_-]{43}$/);
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(tokenDigest(token)).toBe(sha256);
  });
});
