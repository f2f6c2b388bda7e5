import { describe, expect, it } from 'vitest';
import { airflow } from '../../../src/webhook/adapters/airflow.ts';
import { airflow as standIn } from '../../support/stand-ins.ts';
import { answering, pollOnce, talk } from '../../support/talk.ts';

const about = (
  version: 2 | 3,
  given: { type?: 'retraining.requested' | 'alert.firing'; messageId?: string; password?: string } = {},
) => ({
  type: given.type ?? 'retraining.requested',
  messageId: given.messageId ?? 'msg_1',
  url: 'https://airflow.example',
  target: {
    kind: 'airflow' as const,
    options: { version, dag_id: 'train' },
    credentials: { username: 'admin', password: given.password ?? 'right-password' },
  },
});

describe.each([2, 3] as const)('Airflow %i', (version) => {
  it('starts one DAG run for one run, however often it is asked', () => {
    const server = standIn(version);
    const first = talk(airflow, server, about(version));
    const again = talk(airflow, server, about(version, { messageId: 'msg_2' }));
    for (const { outcome } of [first, again]) {
      expect(outcome).toMatchObject({ outcome: 'delivered', external: { id: 'tidemark__run_1' } });
    }
    expect(server.started).toMatchObject([{ dag_run_id: 'tidemark__run_1', conf: { data: { run: 'run_1' } } }]);
  });

  it('starts one for each message about anything else', () => {
    const server = standIn(version);
    talk(airflow, server, about(version, { type: 'alert.firing' }));
    talk(airflow, server, about(version, { type: 'alert.firing', messageId: 'msg_2' }));
    expect(server.started).toMatchObject([{ dag_run_id: 'tidemark__msg_1' }, { dag_run_id: 'tidemark__msg_2' }]);
  });

  it('tells a wrong password', () => {
    const { outcome } = talk(airflow, standIn(version), about(version, { password: 'wrong-password' }));
    expect(outcome).toMatchObject({ outcome: 'retryable', error: expect.stringMatching(/401: (Invalid|Not)/) });
  });

  it('says what became of a DAG run', () => {
    const server = standIn(version);
    talk(airflow, server, about(version));
    const started = { ...about(version), externalId: 'tidemark__run_1' };
    const [run] = server.started as { state?: string }[];
    const stateOf = (state: string): string => {
      Object.assign(run ?? {}, { state });
      return pollOnce(airflow, server, started).state;
    };
    expect(['queued', 'running', 'success', 'failed', 'strange'].map(stateOf)).toEqual([
      'running',
      'running',
      'succeeded',
      'failed',
      'unknown',
    ]);
    expect(pollOnce(airflow, server, { ...started, externalId: 'gone' }).state).toBe('unknown');
    expect(pollOnce(airflow, server, { ...about(version, { password: 'wrong-password' }), externalId: 'x' })).toEqual({
      state: 'unknown',
      detail: expect.stringMatching(/401/),
    });
    expect(pollOnce(airflow, answering(200, 'no json'), started).state).toBe('unknown');
  });

  it('is asked again after any answer that leaves it open', () => {
    expect(talk(airflow, answering(502), about(version)).outcome).toMatchObject({ outcome: 'retryable' });
  });
});

describe('a token of Airflow', () => {
  it('is used as it is', () => {
    const target = {
      kind: 'airflow' as const,
      options: { version: 3 as const, dag_id: 'train' },
      credentials: { token: 'jwt-token' },
    };
    const { outcome, requests } = talk(airflow, standIn(3), { ...about(3), target });
    expect(outcome).toMatchObject({ outcome: 'delivered' });
    expect(requests).toHaveLength(1);
  });
});
