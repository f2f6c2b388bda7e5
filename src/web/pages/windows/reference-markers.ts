import type { readModelVersions } from '../../../domain/model/bind-version.ts';
import type { readRevisions } from '../../../domain/monitor/read.ts';
import type { SeriesMarker } from '../../charts/series.tsx';

type Learnt = {
  readonly revisions: Awaited<ReturnType<typeof readRevisions>>;
  readonly versions: Awaited<ReturnType<typeof readModelVersions>>;
};

/** Where another reference came into force, and with it the model that learned from it: what explains a step. */
export function referenceMarkers({ revisions, versions }: Learnt): SeriesMarker[] {
  const inOrder = revisions.map(({ revision }) => revision).toReversed();
  return inOrder.flatMap(({ effectiveFrom, referenceVersionId, dataset, version }, i, all) => {
    const before = all[i - 1];
    if (effectiveFrom === null || before === undefined || before.referenceVersionId === referenceVersionId) return [];
    const learned = versions.findLast((bound) => bound.version.datasetVersionId === referenceVersionId);
    const model = learned === undefined ? 'reference' : `${learned.version.name} on`;
    return [{ at: effectiveFrom, text: `${model} ${dataset}@v${version}` }];
  });
}
