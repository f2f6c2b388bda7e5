import { type Adapter, type Answer, below, type Found, lookAt } from './adapter.ts';
import { judge, readObject, textOf } from './answer.ts';
import { githubHeaders } from './github-repository-dispatch.ts';
import { compact } from './parameters.ts';
import { PIPELINE_EVENTS } from './pipeline-events.ts';
import { fillTexts } from './placeholders.ts';

/**
 * `POST /repos/{owner}/{repo}/actions/workflows/{workflow}/dispatches`. Asked for the details of the run it answers
 * 200 with them, else 204. Inputs that the workflow does not declare are refused (422).
 */
export const githubWorkflowDispatch: Adapter<'github_workflow_dispatch'> = {
  ...PIPELINE_EVENTS,
  url: 'https://api.github.com',
  repeatable: false,
  step: (call, [answer]) => {
    const { owner, repo, workflow, ref, inputs, return_run_details = true } = call.target.options;
    if (answer !== undefined) {
      const outcome = judge(answer, [200, 204], { repeatable: false });
      const { workflow_run_id, html_url } = readObject(answer);
      const id = textOf(workflow_run_id);
      if (outcome.outcome !== 'delivered' || id === null) return { outcome };
      return { outcome: { ...outcome, external: { id, url: textOf(html_url) } } };
    }
    const event = compact(call.event);
    const given = inputs === undefined ? { event: JSON.stringify(event) } : fillTexts(inputs, event);
    const details = return_run_details ? { return_run_details } : {};
    return {
      request: {
        method: 'POST',
        url: below(call.url, `/repos/${owner}/${repo}/actions/workflows/${workflow}/dispatches`),
        headers: githubHeaders(call.target.credentials.token),
        body: JSON.stringify({ ref, inputs: given, ...details }),
        decisive: true,
      },
    };
  },
  /** `GET …/actions/runs/{run_id}`: a status, and a conclusion once it is completed. */
  poll: ({ url, target, externalId }, [answer]) => {
    const { owner, repo } = target.options;
    if (answer !== undefined) return { found: foundIn(answer) };
    const path = `/repos/${owner}/${repo}/actions/runs/${encodeURIComponent(externalId)}`;
    return lookAt(below(url, path), githubHeaders(target.credentials.token));
  },
};

function foundIn(answer: Answer): Found {
  const { status, conclusion } = readObject(answer);
  if (answer.status !== 200) return { state: 'unknown', detail: judge(answer, [200], { repeatable: true }).error };
  if (status !== 'completed') return { state: status === 'in_progress' ? 'running' : 'unknown', detail: null };
  if (conclusion === 'success') return { state: 'succeeded', detail: null };
  return {
    state: 'failed',
    detail: `GitHub says that the workflow run ended with "${textOf(conclusion) ?? 'nothing'}".`,
  };
}
