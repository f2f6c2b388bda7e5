import { TidemarkError } from '../../errors.ts';

/** There is no such project: for who could make it, with how; else it may well be there, and somebody else's. */
export function missingProject(name: string, mayMake: boolean): TidemarkError {
  const shown = name.slice(0, 100);
  const mend = mayMake ? `; make it with \`tidemark projects make ${shown}\` or POST /v1/projects.` : ' for this key.';
  return new TidemarkError('not-found', `There is no project "${shown}"${mend}`);
}
