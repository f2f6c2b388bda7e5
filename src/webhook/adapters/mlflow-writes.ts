import type { KnownEvent } from '../../../schemas/wire/events.ts';
import type { Call } from './adapter.ts';
import { textOf } from './event-text.ts';

/** What was found in the registry before anything is written. */
export type Seen = {
  /** The registered model. */
  readonly name: string;
  /** Its own tags. */
  readonly tags: ReadonlyMap<string, string>;
  /** The version that the event is about, where it is about one. */
  readonly version?: { readonly number: string; readonly runId: string | null };
};

type Write = { readonly path: string; readonly body: Readonly<Record<string, unknown>> };

/** The alias that promotions move unless another one is named. */
const IN_SERVICE = 'champion';

/** By whom a promotion was done that followed the registry itself. */
const REGISTRY_AUTHOR = 'mlflow:';

/** Everything that an event changes in the registry, in order; nothing where something later has been written. */
export function writesTo({ event, target }: Call<'mlflow'>, seen: Seen): readonly Write[] {
  const { alias = IN_SERVICE, challenger_alias: challenger } = target.options;
  switch (event.type) {
    case 'alert.firing':
    case 'alert.escalated':
    case 'alert.resolved':
      return stamped(seen, { key: `tidemark.alert.${event.data.monitor}`, event, text: alertLine(event) });
    case 'retraining.succeeded':
      return [...(challenger === undefined ? [] : move(seen, challenger, event)), ...trained(seen, event)];
    case 'model.promoted':
      return [...follow(seen, alias, event), ...trained(seen, event)];
    case 'model.rolled_back':
      return follow(seen, alias, event);
    default:
      return [];
  }
}

type Promotion = Extract<KnownEvent, { type: 'model.promoted' | 'model.rolled_back' }>;

/** What the registry did itself is not told to it again: of two moves the first would come back after the second. */
function follow(seen: Seen, alias: string, event: Promotion): readonly Write[] {
  return event.data.author?.startsWith(REGISTRY_AUTHOR) === true ? [] : move(seen, alias, event);
}

function move({ name, tags, version }: Seen, alias: string, event: KnownEvent): readonly Write[] {
  if (version === undefined) return [];
  const key = `tidemark.alias.${alias}`;
  const stamp = stamped({ name, tags }, { key, event, text: `version ${version.number}` });
  if (stamp.length === 0) return [];
  return [...stamp, { path: '/registered-models/alias', body: { name, alias, version: version.number } }];
}

/** A tag of the model that begins with the time of its event, by which an older one that comes late is known. */
function stamped(
  { name, tags }: Pick<Seen, 'name' | 'tags'>,
  tag: { readonly key: string; readonly event: KnownEvent; readonly text: string },
): readonly Write[] {
  const { time } = tag.event;
  const [former = ''] = (tags.get(tag.key) ?? '').split(' ', 1);
  // Times of events have one form, in which the order of the texts is that of the times.
  if (former > time) return [];
  return [{ path: '/registered-models/set-tag', body: { name, key: tag.key, value: `${time} ${tag.text}` } }];
}

function alertLine(event: KnownEvent): string {
  const { title, link } = textOf(event);
  return link === null ? title : `${title} ${link.url}`;
}

/** Names a version's training data at the version, and gives it to the run that made it as a dataset input. */
function trained(
  { name, version }: Seen,
  event: Extract<KnownEvent, { type: 'retraining.succeeded' | 'model.promoted' }>,
): readonly Write[] {
  const data = event.type === 'model.promoted' ? event.data.reference : event.data.training;
  if (version === undefined || data === undefined) return [];
  const digest = `md5:${data.oid.slice(0, 32)}`;
  const tag = (key: string, value: string): Write => ({
    path: '/model-versions/set-tag',
    body: { name, version: version.number, key, value },
  });
  const tags = [
    tag('tidemark.dataset', `${data.dataset}@v${data.version} ${digest}`),
    tag('tidemark.run', event.data.links.run),
  ];
  if (version.runId === null) return tags;
  const source = { url: archiveOf(event.data.links.run, data) };
  const dataset = { name: data.dataset, digest, source_type: 'http', source: JSON.stringify(source) };
  const input = { tags: [{ key: 'mlflow.data.context', value: 'training' }], dataset };
  return [...tags, { path: '/runs/log-inputs', body: { run_id: version.runId, datasets: [input] } }];
}

/** Where the bytes of a dataset version are had, beside the address of a run. */
function archiveOf(run: string, { dataset, version }: { dataset: string; version: number }): string {
  const url = new URL(run);
  url.pathname = url.pathname.replace(/\/runs\/[^/]*$/, `/datasets/${dataset}/versions/v${version}/archive`);
  return url.href;
}
