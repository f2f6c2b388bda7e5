import type { Lint } from '../../../schemas/wire/lints.ts';
import { usualSeconds } from '../window/window.ts';
import { windowingOf } from '../window/windowing.ts';
import type { ComparedWindows, LintFacts } from './lint-facts.ts';

/** Of fewer windows nothing is said. */
const ENOUGH_WINDOWS = 4;

/** What is wrong with a reference that is made of earlier windows, as the windows so far show it. Pure. */
export function lintEarlierWindows(facts: LintFacts): Lint[] {
  const { reference } = facts.config;
  if (reference === undefined || reference.kind === 'model') return [];
  const wanted = reference.kind === 'trailing' ? reference.windows : reference.count;
  return [...ofTheNewest(facts, wanted), ...ofThroughout(facts)];
}

function ofTheNewest({ compared, config }: LintFacts, wanted: number): Lint[] {
  if (compared === null) return [];
  const lints: Lint[] = [];
  const add = (code: Lint['code'], what: string, how_to_mend: string) =>
    lints.push({ code, column: null, what, how_to_mend });
  const found = compared.lacking?.found ?? compared.ends.length;
  if (found <= wanted / 2) {
    const what = `The newest window ${compared.lacking === null ? 'was' : 'could only have been'} compared with ${found} of ${wanted} windows.`;
    add('reference-incomplete', what, 'Wait for more windows, exclude fewer of them, or ask for fewer.');
  }
  const old = windowsSince(compared, config);
  if (old !== null && old > 2 * wanted) {
    const what = `The newest window was compared with windows that ended ${Math.round(old)} windows before it.`;
    const mend = 'Choose a shorter "reference.adopt_after", or pin a version of the data as it is now.';
    add('reference-old', what, mend);
  }
  if (compared.adopted > 0) {
    const what = `${compared.adopted} of ${compared.ends.length} windows that the newest one was compared with had drifted: a change that lasted was taken for what is normal.`;
    const limits =
      config.false_alarms === undefined
        ? ', and have limits made: "false_alarms": {"at_most": 1, "per": "month"}'
        : limitsSince(config);
    const mend = `If it is none, set "reference.adopt_after" to null. If it is, retrain${limits}.`;
    add('change-adopted', what, mend);
  }
  return lints;
}

/** Limits for the windows before are made of a change by itself, those for the same time of past weeks are not. */
const limitsSince = ({ reference }: LintFacts['config']): string =>
  reference?.kind === 'same_time'
    ? ', and have limits made of the time since: "false_alarms": {…, "healthy": {…}}'
    : '; limits are made of it, unless "false_alarms.healthy" names a later time';

/** Windows of time between the judged one and the newest that it was compared with; null where they are not known. */
function windowsSince({ start, ends }: ComparedWindows, config: LintFacts['config']): number | null {
  const length = usualSeconds(windowingOf(config));
  if (length === null || ends.length === 0 || config.reference?.kind !== 'trailing') return null;
  return (start - Math.max(...ends)) / (length * 1000) - (config.reference.offset - 1);
}

function ofThroughout({ config, windows }: LintFacts): Lint[] {
  const judged = windows.filter(({ verdict }) => verdict === 'drift' || verdict === 'no_drift');
  const drifted = judged.filter(({ verdict }) => verdict === 'drift').length;
  if (judged.length < ENOUGH_WINDOWS || drifted < judged.length / 2) return [];
  const what = `${drifted} of the last ${judged.length} windows drifted from those before them: what comes and goes is taken for drift.`;
  const how_to_mend =
    config.false_alarms?.healthy === undefined
      ? 'Have limits made of a time in which all was well: "false_alarms": {"at_most": 1, "per": "month", "healthy": {"from": …, "to": …}}.'
      : 'Name a newer healthy span under "false_alarms", compare with more windows, or with the same time of past weeks.';
  return [{ code: 'alarms-throughout', column: null, what, how_to_mend }];
}
