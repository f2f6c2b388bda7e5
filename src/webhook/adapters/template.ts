import type { Adapter } from './adapter.ts';
import { fillJson } from './placeholders.ts';

/** Whatever takes JSON: any 2xx is a success, and it is sent again until there is one. */
export const template: Adapter<'template'> = {
  events: null,
  usual: [],
  repeatable: true,
  signed: true,
  step: (call, [answer]) => {
    if (answer !== undefined) {
      const { status } = answer;
      if (status >= 200 && status < 300) return { outcome: { outcome: 'delivered', error: null } };
      const error = `The receiver answered ${status}.`;
      return { outcome: { outcome: status === 410 ? 'refused' : 'retryable', error } };
    }
    const { method = 'POST', headers = {}, body } = call.target.options;
    return {
      request: {
        method,
        url: call.url,
        headers: {
          ...lowerCase(headers),
          ...lowerCase(call.target.credentials.headers ?? {}),
          'content-type': 'application/json',
        },
        body: JSON.stringify(fillJson(body, call.event)),
        decisive: true,
      },
    };
  },
};

const lowerCase = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
