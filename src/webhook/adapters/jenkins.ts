import { type Adapter, type Answer, basic, below, type Call, type Outcome, type Step } from './adapter.ts';
import { judge, readObject, textOf } from './answer.ts';
import { parametersOf } from './parameters.ts';
import { PIPELINE_EVENTS } from './pipeline-events.ts';
import { fillTexts } from './placeholders.ts';

/** The parameter by which a build is found again, where the job declares it. */
const MARK = 'TIDEMARK_MESSAGE';

/**
 * `POST {job}/buildWithParameters` with an API token: 201 and the place in the queue. Parameters that the job does
 * not declare are dropped by Jenkins. A request without an answer is looked for among the builds and in the queue.
 */
export const jenkins: Adapter<'jenkins'> = {
  ...PIPELINE_EVENTS,
  repeatable: false,
  looks: true,
  step: (call, answers) => {
    if (!call.uncertain) return build(call, answers[0]);
    const [builds, queue, built] = answers;
    if (builds === undefined) {
      const list = 'builds[number,url,actions[parameters[name,value]]]{0,100}';
      return look(call, below(call.url, `/api/json?tree=${encodeURIComponent(list)}`));
    }
    if (queue === undefined && builds.status === 200) {
      const list = 'items[id,url,actions[parameters[name,value]]]';
      return look(call, below(rootOf(call.url), `/queue/api/json?tree=${encodeURIComponent(list)}`));
    }
    if (queue?.status !== 200) return { outcome: unseen(queue ?? builds) };
    const known = [...entriesOf(builds, 'builds'), ...entriesOf(queue, 'items')];
    const own = known.find(({ mark }) => mark === call.messageId);
    if (own !== undefined) return { outcome: { outcome: 'delivered', error: null, external: own } };
    if (known.some(({ mark }) => mark === null)) {
      const error = `The job does not declare the parameter ${MARK}, so nobody can tell whether it was built.`;
      return { outcome: { outcome: 'unknown', error } };
    }
    return build(call, built);
  },
};

function build(call: Call<'jenkins'>, answer: Answer | undefined): Step {
  if (answer !== undefined) {
    const outcome = judge(answer, [201], { repeatable: false });
    const url = answer.location;
    const id = /\/queue\/item\/(\d+)/.exec(url ?? '')?.[1];
    return {
      outcome: outcome.outcome === 'delivered' && id !== undefined ? { ...outcome, external: { id, url } } : outcome,
    };
  }
  const chosen = fillTexts(call.target.options.parameters ?? {}, call.event);
  const form = new URLSearchParams({ ...chosen, ...parametersOf(call.event, call.messageId) });
  const headers = { ...authorization(call), 'content-type': 'application/x-www-form-urlencoded' };
  const url = below(call.url, '/buildWithParameters');
  return { request: { method: 'POST', url, headers, body: form.toString(), decisive: true } };
}

const look = (call: Call<'jenkins'>, url: string): Step => ({
  request: {
    method: 'GET',
    url,
    headers: { ...authorization(call), accept: 'application/json' },
    body: null,
    decisive: false,
  },
});

const authorization = ({ target: { credentials } }: Call<'jenkins'>) => basic(credentials.user, credentials.token);

/** The address of Jenkins itself: folders and jobs follow `/job/`. */
const rootOf = (job: string): string => job.replace(/\/job\/.*$/, '');

const unseen = (answer: Answer): Outcome => ({
  outcome: 'retryable',
  error: `Whether it was built cannot be seen: Jenkins answered ${answer.status}.`,
});

type Entry = { readonly id: string; readonly url: string | null; readonly mark: string | null };

function entriesOf(answer: Answer, list: string): Entry[] {
  return objects(readObject(answer)[list]).map((entry) => {
    const parameters = objects(entry.actions).flatMap((action) => objects(action.parameters));
    const mark = textOf(parameters.find(({ name }) => name === MARK)?.value);
    return { id: textOf(entry.number) ?? textOf(entry.id) ?? '', url: textOf(entry.url), mark };
  });
}

function objects(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (!Array.isArray(value)) return [];
  return value.filter((item): item is Record<string, unknown> => typeof item === 'object' && item !== null);
}
