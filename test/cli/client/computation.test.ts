import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Client } from '../../../src/cli/client/client.ts';
import { ask } from '../../../src/cli/client/computation.ts';
import type { Terminal } from '../../../src/cli/terminal/terminal.ts';

/** A service that gives these answers one after the other, and what a person saw meanwhile. */
function serviceOf(answers: readonly unknown[]) {
  const asked: string[] = [];
  const shown: string[] = [];
  let next = 0;
  const call: Client['call'] = async (shape, method, path) => {
    asked.push(`${method} ${path}`);
    return shape.parse(answers[next++]);
  };
  const none = (): never => {
    throw new Error('not asked for');
  };
  const client: Client = { url: '', call, send: none, open: none, repeat: none };
  const terminal: Terminal = { json: false, result: none, say: none, progress: (line) => shown.push(line) };
  return { asked, shown, tools: { client, terminal } };
}

const answer = z.looseObject({ verdict: z.string() });
const computation = (state: string, more: object = {}) => ({
  ...{ id: 'cmp_1', kind: 'compare', state, progress: null, error: null, result: null },
  ...more,
});

describe('a question', () => {
  it('that is answered at once is asked once', async () => {
    const { asked, tools } = serviceOf([{ verdict: 'drift' }]);
    expect(await ask(tools, answer, ['POST', '/v1/compare', {}])).toEqual({ verdict: 'drift' });
    expect(asked).toEqual(['POST /v1/compare']);
  });

  it('that a worker answers is followed, told of, and asked again', async () => {
    const progress = { phase: 'judging', done: 3, of: 12, unit: 'columns' };
    const { asked, shown, tools } = serviceOf([
      computation('waiting'),
      computation('waiting', { progress }),
      computation('done', { result: { verdict: 'drift' } }),
      { verdict: 'drift' },
    ]);
    const told: unknown[] = [];
    const asking = { ...tools, onDone: (result: unknown) => told.push(result) };
    expect(await ask(asking, answer, ['POST', '/v1/compare', {}])).toEqual({ verdict: 'drift' });
    expect(told).toEqual([{ verdict: 'drift' }]);
    const poll = 'GET /v1/computations/cmp_1';
    expect(asked).toEqual(['POST /v1/compare', poll, poll, 'POST /v1/compare']);
    expect(shown).toEqual(['judging 3 of 12 columns']);
  });

  it('whose worker failed fails with its words', async () => {
    const error = { code: 'unreadable-data', message: 'Line 3 of x.csv has too many cells.' };
    const { tools } = serviceOf([computation('waiting'), computation('failed', { error })]);
    await expect(ask(tools, answer, ['POST', '/v1/compare', {}])).rejects.toMatchObject(error);
  });
});
