import { isTidemarkError } from '../../errors.ts';
import type { Terminal } from './terminal.ts';

/** After so long without a wait the next one is another trouble. */
const CALM_MILLISECONDS = 10_000;

/**
 * Tells people why they wait: a line that stays for each reason, when it is new or after a calm. The tries in between,
 * some every few seconds for minutes, are passing lines.
 * @param now milliseconds
 */
export function sayWaits(
  terminal: Pick<Terminal, 'say' | 'progress'>,
  now: () => number,
): (milliseconds: number, cause: unknown) => void {
  let said = '';
  let calmAt = 0;
  return (milliseconds, cause) => {
    const why = isTidemarkError(cause) ? cause.message : 'The service does not answer.';
    const line = `tidemark: ${why} Trying again in ${(milliseconds / 1000).toFixed(1)} s.`;
    if (why === said && now() < calmAt) terminal.progress(line);
    else terminal.say(line);
    said = why;
    calmAt = now() + milliseconds + CALM_MILLISECONDS;
  };
}
