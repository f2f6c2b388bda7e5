import { type Adapter, bearer, below, type Call } from './adapter.ts';
import { judge } from './answer.ts';
import { compact } from './parameters.ts';
import { PIPELINE_EVENTS } from './pipeline-events.ts';

/** What every call of GitHub's REST API carries. */
export const githubHeaders = (token: string) => ({
  ...bearer(token),
  accept: 'application/vnd.github+json',
  'content-type': 'application/json',
  'x-github-api-version': '2022-11-28',
});

/**
 * `POST /repos/{owner}/{repo}/dispatches`: 204 and no word of what it started. Whoever gets it finds the event in
 * `github.event.client_payload`.
 */
export const githubRepositoryDispatch: Adapter<'github_repository_dispatch'> = {
  ...PIPELINE_EVENTS,
  url: 'https://api.github.com',
  repeatable: false,
  step: (call, [answer]) => {
    if (answer !== undefined) return { outcome: judge(answer, [204], { repeatable: false }) };
    const { owner, repo, event_type = call.event.type } = call.target.options;
    return {
      request: {
        method: 'POST',
        url: below(call.url, `/repos/${owner}/${repo}/dispatches`),
        headers: githubHeaders(call.target.credentials.token),
        body: JSON.stringify({ event_type, client_payload: payloadOf(call) }),
        decisive: true,
      },
    };
  },
};

/** The data stands in one member: GitHub takes ten at most, and it has more. */
function payloadOf({ event, messageId }: Pick<Call<'github_repository_dispatch'>, 'event' | 'messageId'>) {
  const { id, type, source, subject, time, data } = compact(event);
  return { message: messageId, id, type, source, subject, time, data };
}
