import { listVariables } from '../../config.ts';

/** What stands below the help of the commands that start a service: all that the environment can say. */
export function environmentHelp(): string {
  const variables = listVariables();
  const width = Math.max(...variables.map(({ name }) => name.length));
  const lines = variables.map(({ name, meaning, fallback }) => {
    const told = fallback === '' ? meaning : `${meaning} (${fallback})`;
    return `  ${name.padEnd(width)}  ${told}`;
  });
  return `\nEnvironment variables (default):\n${lines.join('\n')}`;
}
