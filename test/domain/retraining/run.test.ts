import { describe, expect, it } from 'vitest';
import { policyConfig } from '../../../schemas/wire/retraining.ts';
import { configFrom, heldBack } from '../../../src/domain/retraining/policy.ts';
import { isLiving, mayReport, type ReportedState, type RunState } from '../../../src/domain/retraining/run.ts';
import { makeToken, tokenDigest } from '../../../src/domain/retraining/token.ts';

const STATES: RunState[] = [
  'preparing',
  'requested',
  'accepted',
  'running',
  'succeeded',
  'failed',
  'timed_out',
  'promoted',
];
const REPORTED: ReportedState[] = ['accepted', 'running', 'succeeded', 'failed'];

describe('a run', () => {
  it('only goes forward', () => {
    const allowed = STATES.flatMap((from) => REPORTED.filter((to) => mayReport(from, to)).map((to) => `${from}→${to}`));
    expect(allowed).toEqual([
      'requested→accepted',
      'requested→running',
      'requested→succeeded',
      'requested→failed',
      'accepted→accepted',
      'accepted→running',
      'accepted→succeeded',
      'accepted→failed',
      'running→running',
      'running→succeeded',
      'running→failed',
    ]);
    expect(STATES.filter(isLiving)).toEqual(['preparing', 'requested', 'accepted', 'running']);
  });
});

describe('a policy', () => {
  it('is complete with nothing said, and is kept as it is', () => {
    const config = configFrom({});
    expect(policyConfig.parse(config)).toEqual(config);
    expect(config).toEqual({
      on: 'alert',
      promote: 'manual',
      cooldown_seconds: 86_400,
      minimum_labelled_rows: 500,
      deadline_seconds: 86_400,
      span_seconds: null,
    });
    expect(configFrom({ cooldown: 0, deadline: 'PT90M', span: 'P2W' })).toMatchObject({
      cooldown_seconds: 0,
      deadline_seconds: 5400,
      span_seconds: 1_209_600,
    });
  });

  it('names every duration that cannot be', () => {
    expect(() => configFrom({ cooldown: 'P1Y', deadline: 'PT1S', span: 'P400D' })).toThrow(
      expect.objectContaining({
        code: 'invalid-body',
        issues: [
          expect.objectContaining({ pointer: '/cooldown' }),
          expect.objectContaining({ pointer: '/deadline' }),
          expect.objectContaining({ pointer: '/span' }),
        ],
      }),
    );
  });

  it('is held back by a run under way and, to the millisecond, by its cooldown', () => {
    const config = configFrom({ cooldown: 60 });
    const createdAt = new Date('2026-01-01T00:00:00Z');
    const at = (seconds: number) => new Date(createdAt.getTime() + seconds * 1000);
    expect(heldBack(null, config, at(0))).toBeNull();
    expect(heldBack({ id: 'r', state: 'running', createdAt }, config, at(1e6))).toEqual({
      code: 'run_in_flight',
      run: 'r',
    });
    expect(heldBack({ id: 'r', state: 'failed', createdAt }, config, at(59.999))).toEqual({
      code: 'cooldown',
      run: 'r',
      until: at(60).toISOString(),
    });
    expect(heldBack({ id: 'r', state: 'promoted', createdAt }, config, at(60))).toBeNull();
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
