import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AlertRule, type Episode, step, type WindowVerdict } from '../../../src/domain/alert/episode.ts';
import { presentEpisode } from '../../../src/domain/alert/present-episode.ts';

const RULE: AlertRule = { fireAfter: 2, fireWithin: 2, resolveAfter: 2 };
const OF: Readonly<Record<string, WindowVerdict>> = { x: 'drift', '.': 'no_drift', '?': 'insufficient_data' };
const read = (text: string): WindowVerdict[] => text.split('').map((one) => OF[one] ?? 'error');
const made = (text: string, rule = RULE) => presentEpisode(read(text), rule);

describe('the present episode', () => {
  it('is none where nothing was ever wrong', () => {
    expect(made('')).toBeNull();
    expect(made('..??.')).toBeNull();
  });

  it('begins where the windows that still count do', () => {
    const present = made('xx..?xx');
    expect(present?.episode).toMatchObject({ state: 'firing', streak: 2 });
    expect(present?.transitions.map(({ index, to }) => [index, to])).toEqual([
      [5, 'pending'],
      [6, 'firing'],
    ]);
  });

  it('says of one that has ended whether it fired', () => {
    expect(made('x.')).toMatchObject({ episode: null, fired: false });
    expect(made('xx..')).toMatchObject({ episode: null, fired: true });
  });

  it('is what windows fed one by one make of an alert', () => {
    const letters = fc.array(fc.constantFrom('x', '.', '?'), { maxLength: 30 });
    const rules = fc.record({
      fireAfter: fc.integer({ min: 1, max: 3 }),
      resolveAfter: fc.integer({ min: 1, max: 3 }),
    });
    fc.assert(
      fc.property(letters, rules, (found, { fireAfter, resolveAfter }) => {
        const rule = { fireAfter, fireWithin: fireAfter + 1, resolveAfter };
        let episode: Episode | null = null;
        for (const verdict of read(found.join(''))) {
          const next: Episode | null = step(episode, verdict, rule).episode;
          episode = next?.state === 'resolved' ? null : next;
        }
        expect(made(found.join(''), rule)?.episode ?? null).toEqual(episode);
      }),
    );
  });
});
