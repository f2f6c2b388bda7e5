import { type AlertRule, type Episode, step, type Transition, type WindowVerdict } from './episode.ts';

/** A transition with the place of the window that brought it about. */
export type PlacedTransition = Transition & { readonly index: number };

/** The last episode that a row of windows makes, whether or not it has ended. */
export type PresentEpisode = {
  /** Null when it has ended. */
  readonly episode: Episode | null;
  readonly fired: boolean;
  readonly transitions: readonly PlacedTransition[];
};

/**
 * What windows in order make of an alert when all of them are looked at anew. Pure. Verdicts that come late, out of
 * order or are changed need no memory of what was made of them before. Null: there was never anything.
 */
export function presentEpisode(verdicts: readonly WindowVerdict[], rule: AlertRule): PresentEpisode | null {
  let episode: Episode | null = null;
  let transitions: PlacedTransition[] = [];
  for (const [index, verdict] of verdicts.entries()) {
    const next = step(episode, verdict, rule);
    if (next.transitions[0]?.from === null) transitions = [];
    for (const transition of next.transitions) transitions.push({ ...transition, index });
    episode = next.episode?.state === 'resolved' ? null : next.episode;
  }
  if (transitions.length === 0) return null;
  return { episode, fired: transitions.some(({ to }) => to === 'firing'), transitions };
}
