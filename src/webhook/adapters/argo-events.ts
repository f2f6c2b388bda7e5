import { type Adapter, bearer } from './adapter.ts';
import { judge } from './answer.ts';
import { PIPELINE_EVENTS } from './pipeline-events.ts';

/** The event as it is, to a webhook event source: 200 once it is on the bus. A sensor finds it under `body`. */
export const argoEvents: Adapter<'argo_events'> = {
  ...PIPELINE_EVENTS,
  repeatable: false,
  signed: true,
  step: (call, [answer]) => {
    if (answer !== undefined) return { outcome: judge(answer, [200], { repeatable: false }) };
    const { token } = call.target.credentials;
    const authorization = token === undefined ? {} : bearer(token);
    return {
      request: {
        method: 'POST',
        url: call.url,
        headers: { 'content-type': 'application/json', ...authorization },
        body: call.body,
        decisive: true,
      },
    };
  },
};
