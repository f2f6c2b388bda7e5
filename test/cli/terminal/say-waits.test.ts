import { beforeEach, expect, test } from 'vitest';
import { sayWaits } from '../../../src/cli/terminal/say-waits.ts';
import { TidemarkError } from '../../../src/errors.ts';

const AWAY = new TidemarkError('store-unavailable', 'The object store is away.');
const FULL = new TidemarkError('storage-full', 'The object store is full.');

let time: number;
let said: string[];
let passing: string[];
let wait: ReturnType<typeof sayWaits>;
beforeEach(() => {
  time = 0;
  said = [];
  passing = [];
  wait = sayWaits({ say: (line) => said.push(line), progress: (line) => passing.push(line) }, () => time);
});

/** Waits that follow one another. */
function waits(cause: unknown, milliseconds: number, times: number): void {
  for (let i = 0; i < times; i++) {
    wait(milliseconds, cause);
    time += milliseconds;
  }
}

test('a reason is said once, however often it is waited for', () => {
  waits(AWAY, 5000, 20);
  expect(said).toEqual(['tidemark: The object store is away. Trying again in 5.0 s.']);
  expect(passing).toHaveLength(19);
});

test('another reason is said too, and the first one again when it comes back', () => {
  waits(AWAY, 250, 2);
  waits(FULL, 1000, 2);
  waits(new Error('read ECONNRESET'), 500, 3);
  waits(AWAY, 250, 2);
  expect(said).toEqual([
    'tidemark: The object store is away. Trying again in 0.3 s.',
    'tidemark: The object store is full. Trying again in 1.0 s.',
    'tidemark: The service does not answer. Trying again in 0.5 s.',
    'tidemark: The object store is away. Trying again in 0.3 s.',
  ]);
});

test('what comes again after a calm is said again', () => {
  waits(AWAY, 8000, 3);
  time += 60_000;
  waits(AWAY, 8000, 3);
  expect(said).toHaveLength(2);
});
