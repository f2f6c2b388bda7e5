import type { EventType } from '../../../schemas/wire/events.ts';
import {
  type Adapter,
  type Answer,
  basic,
  bearer,
  below,
  type Call,
  json,
  type Request,
  type Step,
} from './adapter.ts';
import { judge, readObject, textOf } from './answer.ts';
import { type Seen, writesTo } from './mlflow-writes.ts';

const EVENTS: readonly EventType[] = [
  'alert.firing',
  'alert.escalated',
  'alert.resolved',
  'retraining.succeeded',
  'model.promoted',
  'model.rolled_back',
];

/**
 * The model registry of MLflow. It is looked at first: whether something later than this event stands there already, and
 * which run made the version that is meant. Then it is written to, one thing a request, each of which may be repeated.
 */
export const mlflow: Adapter<'mlflow'> = {
  events: [...EVENTS, 'webhook.test'],
  usual: EVENTS,
  repeatable: true,
  follows: true,
  step: (call, answers) => {
    const [model, ...rest] = answers;
    if (model === undefined) return { request: ask(call, modelPath(call)) };
    if (call.event.type === 'webhook.test' || model.status !== 200) return { outcome: judge(model, [200], REPEATABLE) };
    const seen: Seen = { name: nameOf(call), tags: tagsIn(model) };
    const version = versionOf(call);
    if (version === undefined) return write(call, seen, rest);
    if (version === null) return { outcome: { outcome: 'retryable', error: NO_NUMBER } };
    const [found, ...written] = rest;
    if (found === undefined) {
      return { request: ask(call, `/model-versions/get?${query({ name: seen.name, version })}`) };
    }
    if (found.status !== 200) return { outcome: judge(found, [200], REPEATABLE) };
    return write(call, { ...seen, version: { number: version, runId: runIn(found) } }, written);
  },
};

const REPEATABLE = { repeatable: true } as const;
const NO_NUMBER =
  'The model version is not called by a number of MLflow: report the number as its name, with "version_prefix" before it.';

/** A test without a model of its own only proves the way and the key. */
function modelPath(call: Call<'mlflow'>): string {
  const name = nameOf(call);
  return name === '' ? '/registered-models/search?max_results=1' : `/registered-models/get?${query({ name })}`;
}

const query = (given: Record<string, string>): string => new URLSearchParams(given).toString();

function nameOf({ event, target }: Call<'mlflow'>): string {
  const known = 'model' in event.data ? event.data.model : '';
  return target.options.model ?? known;
}

/** The number there of the version that an event is about; undefined where it is about none, null where it has none. */
function versionOf({ event, target }: Call<'mlflow'>): string | null | undefined {
  if (!('model_version' in event.data)) return undefined;
  const { version_prefix: prefix = '' } = target.options;
  const name = event.data.model_version ?? '';
  const number = name.startsWith(prefix) ? name.slice(prefix.length) : '';
  return /^[1-9]\d{0,9}$/.test(number) ? number : null;
}

/** The next of what is to be written, until one thing is refused or all is done. */
function write(call: Call<'mlflow'>, seen: Seen, written: readonly Answer[]): Step {
  const last = written.at(-1);
  if (last !== undefined && last.status !== 200) return { outcome: judge(last, [200], REPEATABLE) };
  const next = writesTo(call, seen)[written.length];
  if (next !== undefined) {
    return { request: { ...ask(call, next.path), method: 'POST', body: JSON.stringify(next.body), decisive: true } };
  }
  const { name, version } = seen;
  const page = `/#/models/${encodeURIComponent(name)}${version === undefined ? '' : `/versions/${version.number}`}`;
  const id = `models:/${name}${version === undefined ? '' : `/${version.number}`}`;
  return { outcome: { outcome: 'delivered', error: null, external: { id, url: below(call.url, page) } } };
}

function ask({ url, target }: Call<'mlflow'>, path: string): Request {
  const { credentials } = target;
  const token = 'token' in credentials ? bearer(credentials.token) : {};
  const authorization = 'username' in credentials ? basic(credentials.username, credentials.password) : token;
  const headers = { ...json, ...authorization };
  return { method: 'GET', url: below(url, `/api/2.0/mlflow${path}`), headers, body: null, decisive: false };
}

/** The registered model's own tags, by key. */
function tagsIn(answer: Answer): ReadonlyMap<string, string> {
  const model = readObject(answer).registered_model as { tags?: unknown } | null | undefined;
  const tags: readonly unknown[] = Array.isArray(model?.tags) ? model.tags : [];
  return new Map(
    tags.map((tag) => {
      const { key, value } = (tag ?? {}) as { key?: unknown; value?: unknown };
      return [textOf(key) ?? '', textOf(value) ?? ''];
    }),
  );
}

/** The run that made a version; null where none did. */
function runIn(answer: Answer): string | null {
  const version = readObject(answer).model_version as { run_id?: unknown } | null | undefined;
  return textOf(version?.run_id);
}
