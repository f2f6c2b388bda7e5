import { expect, test } from 'vitest';
import type { z } from 'zod';
import type { Client } from '../../../src/cli/client/client.ts';
import { listRuns, showRun } from '../../../src/cli/monitoring/runs.ts';
import type { Terminal } from '../../../src/cli/terminal/terminal.ts';

const AT = '2026-03-01T10:00:00.000Z';
const event = (state: string, author: string, detail: object = {}) => ({ at: AT, state, author, detail });

const RUN = {
  ...{ id: 'run_1', policy: 'p', model: 'churn', monitor: 'daily', alert: null, cause: { kind: 'request', at: AT } },
  ...{
    reference: { dataset: 'churn', version: 1, oid: 'd41d8cd98f00b204e9800998ecf8427e' },
    comparison: null,
    model_version: 'v2',
    metrics: {},
    cost: null,
    error: null,
  },
  ...{ created_at: AT, updated_at: AT, deadline_at: AT, promoted_at: null, messages: [] },
  training: { dataset: 'churn-retraining', version: 1, oid: 'd41d8cd98f00b204e9800998ecf8427e' },
  external_url: 'https://ci.example/1',
  progress: 0.4,
  state: 'running',
  events: [
    event('preparing', 'system', { waiting_for: 'labels', needed: 500 }),
    event('requested', 'system', { messages: 1 }),
    event('running', 'pipeline', { message: 'epoch 4\u001b[2J', progress: 0.4 }),
    event('declined', 'ada', { message: 'not on a Friday' }),
  ],
};

/** What a command prints where the service answers with `answer`. */
async function printed(
  answer: object,
  command: (client: Client, terminal: Terminal) => Promise<void>,
): Promise<string> {
  let text = '';
  const client = { call: async (shape: z.ZodType) => shape.parse(answer) } as unknown as Client;
  const result = (_: unknown, show: () => string): void => {
    text = show();
  };
  await command(client, { json: false, result, progress: () => {}, say: () => {} });
  return text;
}

test('a run is shown with what was said of it, and where its pipeline is', async () => {
  const lines = (await printed(RUN, (client, terminal) => showRun(client, terminal, 'run_1'))).split('\n');
  expect(lines).toContain('https://ci.example/1');
  expect(lines.slice(-4)).toEqual([
    `${AT}  preparing, by system: waits for labels`,
    `${AT}  requested, by system`,
    expect.stringMatching(/running, by pipeline: epoch 4[ -~\ufffd]*$/),
    `${AT}  declined, by ada: not on a Friday`,
  ]);
});

test('how far a run has come is told while it goes on', async () => {
  const items = [RUN, { ...RUN, state: 'succeeded' }, { ...RUN, state: 'rolled_back' }];
  const text = await printed({ items, next: null }, (client, terminal) => listRuns(client, terminal, {}));
  expect(text.match(/(?:running|succeeded|rolled back)( \(40 %\))?/g)).toEqual([
    'running (40 %)',
    'succeeded',
    'rolled back',
  ]);
});
