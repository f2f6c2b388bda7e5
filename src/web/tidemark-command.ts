/** A word as a shell takes it, whatever is in it. */
export const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

/** A command of ours as people type it: on a service without keys nothing else says in which project. */
export const tidemarkCommand = (project: string, words: string): string =>
  `npx tidemark ${words}${project === 'default' ? '' : ` --project ${shellWord(project)}`}`;
