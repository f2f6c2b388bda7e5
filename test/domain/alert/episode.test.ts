import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AlertRule,
  type Episode,
  step,
  type Transition,
  type WindowVerdict,
} from '../../../src/domain/alert/episode.ts';

const RULE: AlertRule = { fireAfter: 2, fireWithin: 2, resolveAfter: 2 };
const LETTERS: Record<string, WindowVerdict> = {
  d: 'drift',
  c: 'no_drift',
  i: 'insufficient_data',
  n: 'no_data',
  e: 'error',
};

/** Feeds windows, a letter each; a resolved episode is followed by none. */
function feed(letters: string, rule = RULE): { episodes: (Episode | null)[]; transitions: Transition[] } {
  let episode: Episode | null = null;
  const episodes: (Episode | null)[] = [];
  const transitions: Transition[] = [];
  for (const letter of letters) {
    const next = step(episode, LETTERS[letter] ?? 'error', rule);
    transitions.push(...next.transitions);
    episodes.push(next.episode);
    episode = next.episode?.state === 'resolved' ? null : next.episode;
  }
  return { episodes, transitions };
}

const states = (letters: string, rule = RULE) =>
  feed(letters, rule)
    .episodes.map((e) => e?.state ?? '-')
    .join(' ');
const reasons = (letters: string, rule = RULE) =>
  feed(letters, rule)
    .transitions.map((t) => t.reason)
    .join(' ');

describe('an episode', () => {
  it.each([
    ['ccc', '- - -'],
    ['d', 'pending'],
    ['dd', 'pending firing'],
    ['dc', 'pending resolved'],
    ['dcd', 'pending resolved pending'],
    ['ddc', 'pending firing recovering'],
    ['ddcc', 'pending firing recovering resolved'],
    ['ddcd', 'pending firing recovering firing'],
    ['ddcdcc', 'pending firing recovering firing recovering resolved'],
    ['didd', 'pending pending firing firing'],
    ['ddnenc', 'pending firing firing firing firing recovering'],
    ['ddcicc', 'pending firing recovering recovering resolved -'],
    ['nie', '- - -'],
  ])('%s → %s', (letters, expected) => {
    expect(states(letters)).toBe(expected);
  });

  it('fires and resolves at once where one window is enough', () => {
    const rule = { fireAfter: 1, fireWithin: 1, resolveAfter: 1 };
    expect(states('dcd', rule)).toBe('firing resolved firing');
    expect(reasons('dc', rule)).toBe('drift_began drift_confirmed clean_window recovered');
  });

  it.each([
    ['dcd', 'pending pending firing'],
    ['dccd', 'pending pending resolved pending'],
    ['dicd', 'pending pending pending firing'],
    ['cdcd', '- pending pending firing'],
    ['dcdc', 'pending pending firing recovering'],
  ])('fires when two of three windows breach: %s → %s', (letters, expected) => {
    expect(states(letters, { fireAfter: 2, fireWithin: 3, resolveAfter: 2 })).toBe(expected);
  });

  it('names a reason for every transition', () => {
    expect(reasons('ddcdcc')).toBe('drift_began drift_confirmed clean_window drift_returned clean_window recovered');
    expect(reasons('dc')).toBe('drift_began drift_ended_early');
  });

  it('counts consecutive windows', () => {
    expect(feed('dddicc', { fireAfter: 2, fireWithin: 2, resolveAfter: 3 }).episodes.map((e) => e?.streak)).toEqual([
      1, 2, 3, 3, 1, 2,
    ]);
  });

  const letters = fc.string({ unit: fc.constantFrom('d', 'c', 'i', 'n', 'e'), maxLength: 60 });
  const rules = fc
    .record({
      fireAfter: fc.integer({ min: 1, max: 5 }),
      more: fc.integer({ min: 0, max: 4 }),
      resolveAfter: fc.integer({ min: 1, max: 5 }),
    })
    .map(({ fireAfter, more, resolveAfter }) => ({ fireAfter, fireWithin: fireAfter + more, resolveAfter }));

  it('takes windows without a verdict for nothing at all', () => {
    fc.assert(
      fc.property(letters, rules, (text, rule) => {
        expect(feed(text, rule).transitions).toEqual(feed(text.replace(/[ine]/g, ''), rule).transitions);
      }),
    );
  });

  it('has transitions that join up, and fires when so many of so many windows breach, and not otherwise', () => {
    fc.assert(
      fc.property(letters, rules, (text, rule) => {
        const { transitions } = feed(text, rule);
        let state: string | null = null;
        for (const { from, to } of transitions) {
          expect(from).toBe(state);
          state = to === 'resolved' ? null : to;
        }
        const judged = text.replace(/[ine]/g, '');
        const fired = transitions.some(({ reason }) => reason === 'drift_confirmed');
        const spans = Array.from(judged, (_, i) => judged.slice(i, i + rule.fireWithin));
        expect(fired).toBe(spans.some((span) => span.split('d').length > rule.fireAfter));
      }),
    );
  });
});
