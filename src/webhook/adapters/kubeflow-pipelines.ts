import { type Adapter, type Answer, bearer, below, type Call, json, runKey, type Step } from './adapter.ts';
import { judge, readObject, textOf } from './answer.ts';
import { compact } from './parameters.ts';
import { PIPELINE_EVENTS } from './pipeline-events.ts';
import { fillTexts } from './placeholders.ts';

/**
 * `POST /apis/v2beta1/runs`. Kubeflow starts a second run for a second request, so each has a name of its own and is
 * looked for before it is made. Parameters that the pipeline does not declare make the run fail.
 */
export const kubeflowPipelines: Adapter<'kubeflow_pipelines'> = {
  ...PIPELINE_EVENTS,
  repeatable: true,
  step: (call, [found, made]) => {
    if (found === undefined) return look(call);
    if (found.status !== 200) return { outcome: judge(found, [], { repeatable: true }) };
    const { runs } = readObject(found);
    const known: unknown = Array.isArray(runs) ? runs[0] : undefined;
    const id = textOf((known as { run_id?: unknown } | null | undefined)?.run_id);
    if (id !== null) return { outcome: { outcome: 'delivered', error: null, external: externalOf(call, id) } };
    return create(call, made);
  },
};

const nameOf = (call: Call<'kubeflow_pipelines'>): string => `tidemark ${runKey(call)}`;

function headersOf({ target: { credentials } }: Call<'kubeflow_pipelines'>) {
  return { ...json, ...(credentials.token === undefined ? {} : bearer(credentials.token)) };
}

function look(call: Call<'kubeflow_pipelines'>): Step {
  const predicate = { operation: 'EQUALS', key: 'display_name', string_value: nameOf(call) };
  const query = new URLSearchParams({ page_size: '1', filter: JSON.stringify({ predicates: [predicate] }) });
  const experiment = call.target.options.experiment_id;
  if (experiment !== undefined) query.set('experiment_id', experiment);
  const url = below(call.url, `/apis/v2beta1/runs?${query.toString()}`);
  return { request: { method: 'GET', url, headers: headersOf(call), body: null, decisive: false } };
}

function create(call: Call<'kubeflow_pipelines'>, answer: Answer | undefined): Step {
  if (answer !== undefined) {
    const outcome = judge(answer, [200], { repeatable: true });
    const id = textOf(readObject(answer).run_id);
    if (outcome.outcome !== 'delivered' || id === null) return { outcome };
    return { outcome: { ...outcome, external: externalOf(call, id) } };
  }
  const { pipeline_id, pipeline_version_id, experiment_id, parameters } = call.target.options;
  const event = compact(call.event);
  const given = parameters === undefined ? { event: JSON.stringify(event) } : fillTexts(parameters, event);
  const body = {
    display_name: nameOf(call),
    description: `Started by Tidemark: ${event.type}`,
    ...(experiment_id === undefined ? {} : { experiment_id }),
    pipeline_version_reference: { pipeline_id, ...(pipeline_version_id === undefined ? {} : { pipeline_version_id }) },
    runtime_config: { parameters: given },
  };
  const url = below(call.url, '/apis/v2beta1/runs');
  return { request: { method: 'POST', url, headers: headersOf(call), body: JSON.stringify(body), decisive: true } };
}

const externalOf = (call: Call<'kubeflow_pipelines'>, id: string) => ({
  id,
  url: below(call.url, `/#/runs/details/${encodeURIComponent(id)}`),
});
