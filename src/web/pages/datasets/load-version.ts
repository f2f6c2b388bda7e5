import { readFiles, readKnowledge, readVersion, readVersions } from '../../../domain/dataset/read.ts';
import { readLineage } from '../../../domain/lineage/read-lineage.ts';
import { readVersionUsers } from '../../../domain/model/read-users.ts';
import type { Visit } from '../../page.tsx';

const FILES = 50;
const LINEAGE_STEPS = 12;
const LINEAGE_NODES = 60;

export type LoadedVersion = Awaited<ReturnType<typeof loadVersion>>;

/** All that the page of a version shows. */
export async function loadVersion(visit: Visit) {
  const { ctx, actor } = visit;
  const given = { dataset: visit.param('dataset'), ref: visit.param('ref') };
  const details = await readVersion(ctx, actor, given);
  // By number from here on: a tag may move between two reads.
  const exact = { ...given, ref: `v${details.version.number}` };
  const [{ knowledge }, { files }, users, [previous], lineage] = await Promise.all([
    readKnowledge(ctx, actor, exact),
    readFiles(ctx, actor, { ...exact, after: -1, limit: FILES }),
    readVersionUsers(ctx, actor, given.dataset),
    readVersions(ctx, actor, { dataset: given.dataset, before: details.version.number, limit: 1 }),
    readLineage(ctx, actor, {
      start: { kind: 'dataset_version', ...exact },
      direction: 'both',
      depth: LINEAGE_STEPS,
      limit: LINEAGE_NODES,
    }),
  ]);
  return {
    ...details,
    knowledge,
    files,
    previous,
    lineage,
    users: users.filter(({ versionId }) => versionId === details.version.id),
  };
}
