import { afterEach, expect, it } from 'vitest';
import { firstSignal } from '../../../src/cli/service/first-signal.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
type Name = (typeof SIGNALS)[number];

/** Whoever runs the tests listens too, and is not told. */
const others = new Map(SIGNALS.map((name) => [name, process.rawListeners(name)]));
const own = (name: Name) => process.rawListeners(name).filter((one) => others.get(name)?.includes(one) !== true);
afterEach(() => {
  for (const name of SIGNALS) for (const listener of own(name)) process.off(name, listener as () => void);
});

it.each(SIGNALS)('resolves with %s, and is never without a listener for the second', async (name) => {
  const resolved: string[] = [];
  const signalled = firstSignal().then(() => resolved.push(name));
  expect(own(name)).toHaveLength(1);
  await Promise.resolve();
  expect(resolved).toEqual([]);
  for (const listener of own(name)) listener.call(process, name);
  // Now, and not a moment later.
  expect(own(name)).toHaveLength(1);
  await signalled;
  expect(SIGNALS.map((one) => own(one).length)).toEqual([1, 1]);
});
