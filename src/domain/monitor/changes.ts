import type { NamedRevision } from '../../store/monitor/monitors.ts';
import { differencesOf, type Json, toJson } from '../canonical.ts';
import { configOf } from '../configuration/config.ts';
import { shownConfig } from '../configuration/shown-config.ts';
import { basisOf } from './timeline.ts';

/** One member of a configuration that a revision changed; what was or is not there is null. */
type ConfigChange = { readonly pointer: string; readonly before: Json; readonly after: Json };

/** A configuration with what it changed of the one that it was made on; nothing for the first. */
export type DescribedRevision = { readonly revision: NamedRevision; readonly changes: readonly ConfigChange[] };

/** Every revision of a monitor with its changes, in the order given. Pure. */
export function describeRevisions(revisions: readonly NamedRevision[]): DescribedRevision[] {
  return revisions.map((revision) => {
    const basis = basisOf(revisions, revision);
    return { revision, changes: basis === null ? [] : changesOf(basis, revision) };
  });
}

function changesOf(before: NamedRevision, after: NamedRevision): ConfigChange[] {
  return [...differencesOf(comparable(before), comparable(after))].map(({ pointer, stored, recomputed }) => ({
    pointer,
    before: stored ?? null,
    after: recomputed ?? null,
  }));
}

const comparable = (revision: NamedRevision): Json =>
  toJson({
    reference_version: `${revision.dataset}@v${revision.version}`,
    ...shownConfig(configOf(revision)),
  });
