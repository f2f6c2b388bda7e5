import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { findHaste } from './support/haste.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
// A bench measures; this file and what it tests name what is not to be written.
const others = readdirSync(here, { recursive: true, encoding: 'utf8' }).filter(
  (path) => path.endsWith('.ts') && !path.startsWith('bench/') && !/^(support\/haste|haste\.test)\.ts$/.test(path),
);

test('no test is failed by a machine that is slow', () => {
  expect(others.length).toBeGreaterThan(500);
  expect(others.flatMap((path) => findHaste(path, readFileSync(`${here}${path}`, 'utf8')))).toEqual([]);
});

test.each([
  ['update jobs set run_at = now() where key = 1', 'is due by now()'],
  ["update jobs set lease_until = now(), run_at = now() - interval '1 second'", 'is due by now()'],
  ["select 1 from jobs where state = 'waiting' and run_at > now()", 'at the time of asking'],
  ['select 1 from jobs where lease_until <= now()', 'at the time of asking'],
  ['expect(performance.now() - before).toBeLessThan(5000);', 'measures time'],
  [
    'expect(due).toBeGreaterThan(0);\n  expect(\n    Math.abs(at - Date.now()),\n  ).toBeLessThan(2000);',
    'measures time',
  ],
  [
    'const took = (performance.now() - begun) / 1000;\n  log(took);\n  expect(took).toBeLessThan(120);',
    'measures time',
  ],
])('%j is', (text, found) => {
  const lines = findHaste('any.test.ts', `const first = 1;\n${text}\n`);
  expect(lines).toEqual([expect.stringContaining(found)]);
  expect(lines[0]).toMatch(/^any\.test\.ts:[23] /);
});

test.each([
  "update jobs set run_at = now() - interval '1 second'",
  "select extract(epoch from run_at - created_at) from jobs where state = 'waiting'",
  'const first = clock.now().getTime();\nexpect(first).toBeGreaterThan(before);',
  'const at = Date.now();\nexpect(rows).toHaveLength(1);\nexpect(due).toBeLessThan(5);',
  'const waited = performance.now() - begun;\nif (waited > limit) throw new Error();\nexpect(rows).toBeLessThan(5);',
  'expect(await remote.sweep(3_600_000, Date.now())).toBe(0);',
])('%j is not', (text) => {
  expect(findHaste('any.test.ts', text)).toEqual([]);
});
