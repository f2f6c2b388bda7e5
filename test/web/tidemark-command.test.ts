import { expect, test } from 'vitest';
import { shellWord, tidemarkCommand } from '../../src/web/tidemark-command.ts';

test('a command works in the project of its page, whose name a service without keys is told', () => {
  expect(tidemarkCommand('default', 'pull x@v1')).toBe('npx tidemark pull x@v1');
  expect(tidemarkCommand('team-a', 'pull x@v1')).toBe('npx tidemark pull x@v1 --project team-a');
});

test('a word is quoted where a shell would read something else', () => {
  expect(['a/b@v1', "it's here", '$HOME'].map(shellWord)).toEqual(['a/b@v1', "'it'\\''s here'", "'$HOME'"]);
});
