import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { listVariables } from '../../src/config.ts';
import { run } from './tables/against.ts';

it.each([
  [['runs', 'rollback', 'run_1'], 'tidemark runs rollback'],
  [['keys', 'make', 'ada', '-q'], 'tidemark keys make'],
  [['nothing'], 'tidemark'],
])('whoever misuses a command is sent to its own help: %j', async (line, command) => {
  // It is refused before any service is asked.
  const { code, err } = await run(tmpdir(), 'http://127.0.0.1:1', line);
  expect([code, err]).toEqual([2, expect.stringMatching(new RegExp(`^error: .*\\n\\(see ${command} --help\\)\\n$`))]);
});

it.each(['serve', 'worker'])('the help of %s lists every variable that a service reads', async (verb) => {
  const { code, out } = await run(tmpdir(), 'http://127.0.0.1:1', [verb, '--help']);
  expect(code).toBe(0);
  const listed = [...out.matchAll(/^ {2}([A-Z_]+) {2}/gm)].map(([, name]) => name);
  expect(listed).toEqual(listVariables().map(({ name }) => name));
});
