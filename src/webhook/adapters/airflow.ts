import {
  type Adapter,
  type Answer,
  basic,
  bearer,
  below,
  type Call,
  type Found,
  json,
  lookAt,
  type Outcome,
  type PollStep,
  type Request,
  runKey,
  type Started,
  type Step,
} from './adapter.ts';
import { judge, readObject, textOf } from './answer.ts';
import { compact } from './parameters.ts';
import { PIPELINE_EVENTS } from './pipeline-events.ts';

/**
 * Starts a DAG by `POST …/dags/{dag_id}/dagRuns` under an id that we choose: a second request finds it there (409),
 * so that nothing is started twice. Airflow 3 wants a token first, where it was given a user and a password.
 */
export const airflow: Adapter<'airflow'> = {
  ...PIPELINE_EVENTS,
  repeatable: true,
  step: (call, answers) => {
    const { credentials, options } = call.target;
    if ('token' in credentials) return start(call, bearer(credentials.token), answers[0]);
    const { username, password } = credentials;
    if (options.version === 2) return start(call, basic(username, password), answers[0]);
    const [first, second] = answers;
    if (first === undefined) return askToken(call.url, { username, password });
    const token = textOf(readObject(first).access_token);
    if (token === null) return { outcome: noToken(first) };
    return start(call, bearer(token), second);
  },
  poll,
};

const RUNNING = new Set(['queued', 'running', 'restarting']);

/** `GET …/dagRuns/{dag_run_id}` answers with a state. */
function poll(started: Started<'airflow'>, answers: readonly Answer[]): PollStep {
  const { credentials, options } = started.target;
  const { version, dag_id } = options;
  const look = (authorization: { authorization: string }, answer: Answer | undefined): PollStep => {
    const path = `/api/v${version === 3 ? 2 : 1}/dags/${dag_id}/dagRuns/${encodeURIComponent(started.externalId)}`;
    return answer === undefined
      ? lookAt(below(started.url, path), { ...json, ...authorization })
      : { found: foundIn(answer) };
  };
  if ('token' in credentials) return look(bearer(credentials.token), answers[0]);
  const { username, password } = credentials;
  if (version === 2) return look(basic(username, password), answers[0]);
  const [first, second] = answers;
  if (first === undefined) return askToken(started.url, { username, password });
  const token = textOf(readObject(first).access_token);
  if (token === null) return { found: { state: 'unknown', detail: noToken(first).error } };
  return look(bearer(token), second);
}

function foundIn(answer: Answer): Found {
  const state = textOf(readObject(answer).state);
  if (answer.status !== 200 || state === null) {
    return { state: 'unknown', detail: judge(answer, [200], { repeatable: true }).error };
  }
  if (state === 'success') return { state: 'succeeded', detail: null };
  if (state === 'failed') return { state: 'failed', detail: 'Airflow says that the DAG run has failed.' };
  return { state: RUNNING.has(state) ? 'running' : 'unknown', detail: null };
}

function askToken(base: string, given: { username: string; password: string }): { request: Request } {
  const url = below(base, '/auth/token');
  return { request: { method: 'POST', url, headers: json, body: JSON.stringify(given), decisive: false } };
}

function noToken(answer: Answer): Outcome {
  const judged = judge(answer, [], { repeatable: true });
  return { outcome: 'retryable', error: `Airflow gave no token. ${judged.error ?? ''}`.trim() };
}

function start(call: Call<'airflow'>, authorization: { authorization: string }, answer: Answer | undefined): Step {
  const { version, dag_id } = call.target.options;
  const id = `tidemark__${runKey(call)}`;
  if (answer !== undefined) {
    const outcome = judge(answer, [200, 409], { repeatable: true });
    const page = version === 3 ? `/dags/${dag_id}/runs/${id}` : `/dags/${dag_id}/grid?dag_run_id=${id}`;
    const external = { id, url: below(call.url, page) };
    return { outcome: outcome.outcome === 'delivered' ? { ...outcome, external } : outcome };
  }
  // Version 3 wants the date to be there, and takes a null; version 2 refuses one and takes none.
  const date = version === 3 ? { logical_date: null } : {};
  return {
    request: {
      method: 'POST',
      url: below(call.url, `/api/v${version === 3 ? 2 : 1}/dags/${dag_id}/dagRuns`),
      headers: { ...json, ...authorization },
      body: JSON.stringify({
        dag_run_id: id,
        ...date,
        conf: compact(call.event),
        note: `Started by Tidemark: ${call.event.type}`,
      }),
      decisive: true,
    },
  };
}
