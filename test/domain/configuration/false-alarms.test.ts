import { describe, expect, it } from 'vitest';
import { applyRequest, defaultConfig } from '../../../src/domain/configuration/config.ts';
import { changeOfLimits } from '../../../src/domain/configuration/false-alarms.ts';

describe('the change that limits are made of', () => {
  const base = defaultConfig({ task: 'binary', roles: { ignore: [] } });
  const change = { since: Date.parse('2026-03-01T00:00:00Z'), until: Date.parse('2026-03-09T00:00:00Z') };
  const given = (healthy?: { from: string; to: string }) =>
    changeOfLimits(
      applyRequest(base, { false_alarms: { at_most: 1, per: 'month', ...(healthy !== undefined && { healthy }) } }),
      change,
    );

  it('is the one that lasted, whatever was healthy before it', () => {
    expect(given()).toBe(change);
    expect(given({ from: '2026-02-01T00:00:00Z', to: '2026-03-01T00:00:00Z' })).toBe(change);
    expect(changeOfLimits(base, null)).toBeNull();
  });

  it('is none where a later time is said to be healthy', () => {
    expect(given({ from: '2026-03-10T00:00:00Z', to: '2026-04-01T00:00:00Z' })).toBeNull();
    expect(given({ from: '2026-02-01T00:00:00Z', to: '2026-03-01T00:00:01Z' })).toBeNull();
  });
});
