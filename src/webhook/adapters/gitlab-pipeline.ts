import { type Adapter, below } from './adapter.ts';
import { judge, readObject, textOf } from './answer.ts';
import { parametersOf } from './parameters.ts';
import { PIPELINE_EVENTS } from './pipeline-events.ts';
import { fillTexts } from './placeholders.ts';

/** `POST /api/v4/projects/{id}/trigger/pipeline` with a trigger token, as a form: 201 with the pipeline. */
export const gitlabPipeline: Adapter<'gitlab_pipeline'> = {
  ...PIPELINE_EVENTS,
  url: 'https://gitlab.com',
  repeatable: false,
  step: (call, [answer]) => {
    const { project, ref, inputs = {} } = call.target.options;
    if (answer !== undefined) {
      const outcome = judge(answer, [201], { repeatable: false });
      const { id: made, web_url } = readObject(answer);
      const id = textOf(made);
      if (outcome.outcome !== 'delivered' || id === null) return { outcome };
      return { outcome: { ...outcome, external: { id, url: textOf(web_url) } } };
    }
    const form = new URLSearchParams({ token: call.target.credentials.token, ref });
    for (const [name, value] of Object.entries(parametersOf(call.event, call.messageId))) {
      form.append(`variables[${name}]`, value);
    }
    for (const [name, value] of Object.entries(fillTexts(inputs, call.event))) form.append(`inputs[${name}]`, value);
    return {
      request: {
        method: 'POST',
        url: below(call.url, `/api/v4/projects/${encodeURIComponent(project)}/trigger/pipeline`),
        headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
        body: form.toString(),
        decisive: true,
      },
    };
  },
};
