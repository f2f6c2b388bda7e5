import { expect, test } from 'vitest';
import type { z } from 'zod';
import type { Client } from '../../../src/cli/client/client.ts';
import { replay } from '../../../src/cli/monitoring/replay.ts';

/** What the verb prints where the service answers with that, and what it ends with. */
async function replayed(answer: object): Promise<{ text: string; code: number }> {
  let text = '';
  const client = { call: async (shape: z.ZodType) => shape.parse(answer) } as unknown as Client;
  const result = (_: unknown, show: () => string): void => {
    text = show();
  };
  const terminal = { json: false, result, progress: () => {}, say: () => {} };
  const code = await replay(client, terminal, 'rep_1');
  return { text, code };
}

const CHANGED = { stored: 'mmd/linear-time@1', recomputed: 'mmd/linear-time@2' };

test('a report that agrees is told so, and one that does not where', async () => {
  const agrees = { agrees: true, differences: [], methods_changed: [] };
  expect(await replayed(agrees)).toEqual({ text: 'rep_1 agrees to the last digit', code: 0 });
  const differs = { agrees: false, differences: [{ pointer: '/columns/0/p' }], methods_changed: [] };
  expect(await replayed(differs)).toEqual({
    text: 'rep_1 does NOT agree; first difference at /columns/0/p',
    code: 1,
  });
});

test('a report of a former method is told with what has changed since', async () => {
  const line = '  method has changed since: mmd/linear-time@1 -> mmd/linear-time@2';
  const differs = { agrees: false, differences: [{ pointer: '/table/0/p' }], methods_changed: [CHANGED] };
  expect(await replayed(differs)).toEqual({
    text: `rep_1 does NOT agree; first difference at /table/0/p\n${line}`,
    code: 1,
  });
  const agrees = { agrees: true, differences: [], methods_changed: [CHANGED] };
  expect(await replayed(agrees)).toEqual({ text: `rep_1 agrees to the last digit\n${line}`, code: 0 });
});
