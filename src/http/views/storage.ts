import type { z } from 'zod';
import type {
  findingView,
  planView,
  quarantinedView,
  remoteView,
  storageRunView,
  trashedObjectView,
  trashedVersionView,
} from '../../../schemas/wire/storage.ts';
import type { Plan } from '../../domain/retention/plan.ts';
import type { readTrash, readTrashedObjects } from '../../domain/retention/trash.ts';
import type { QuarantinedObject, readRemote } from '../../domain/storage/read.ts';
import type { readFindings, readRun } from '../../domain/storage/run.ts';

/** What the wire shows of the remote and the work on it. */

type Run = Awaited<ReturnType<typeof readRun>>;

export function viewStorageRun(base: string, run: Run): z.infer<typeof storageRunView> {
  const self = `${base}/v1/remote/runs/${run.id}`;
  return {
    id: run.id,
    kind: run.kind,
    state: run.state,
    author: run.author,
    // Written by `advance.ts` alone, as counters by name.
    progress: run.progress as Record<string, number>,
    error: run.error,
    started_at: run.startedAt.toISOString(),
    updated_at: run.updatedAt.toISOString(),
    finished_at: run.finishedAt?.toISOString() ?? null,
    links: { self, findings: `${self}/findings` },
  };
}

type Finding = Awaited<ReturnType<typeof readFindings>>[number];

export const viewFinding = ({ code, oid, detail, createdAt }: Finding): z.infer<typeof findingView> => ({
  code,
  oid,
  detail,
  found_at: createdAt.toISOString(),
});

export const viewQuarantined = (row: QuarantinedObject): z.infer<typeof quarantinedView> => ({
  oid: row.oid,
  size: row.size,
  quarantined_at: (row.quarantinedAt ?? row.verifiedAt).toISOString(),
  verified_at: row.verifiedAt.toISOString(),
  uses: row.uses.map(({ dataset, number, path }) => ({ dataset, ref: `v${number}`, path })),
  uses_total: row.total,
});

export function viewRemote(
  base: string,
  state: Awaited<ReturnType<typeof readRemote>>,
  scrubSeconds: number,
): z.infer<typeof remoteView> {
  const { objects, bytes, quarantined, oldestVerifiedAt } = state.totals;
  return {
    location: state.location,
    objects,
    bytes,
    quarantined,
    oldest_verified_at: oldestVerifiedAt?.toISOString() ?? null,
    scrub_seconds: scrubSeconds,
    bundles_waiting: state.bundles.waiting,
    bundles_missed: state.bundles.missed,
    runs: state.runs.map((run) => viewStorageRun(base, run)),
  };
}

export function viewPlan(
  plan: Plan,
  times: { readonly trashSeconds: number; readonly graceSeconds: number },
): z.infer<typeof planView> {
  return {
    versions: plan.versions.map(({ dataset, number, oid, bytes, reasons }) => ({
      dataset,
      ref: `v${number}`,
      oid,
      bytes,
      action: reasons.length === 0 ? 'trash' : 'keep',
      reasons: [...reasons],
    })),
    kept: plan.kept,
    trashed: plan.trashed,
    freed: { ...plan.freed, names: [...plan.freed.names] },
    unreferenced: viewUnreferenced(plan.unreferenced),
    trash: plan.trash,
    trash_seconds: times.trashSeconds,
    grace_seconds: times.graceSeconds,
  };
}

function viewUnreferenced({ objects, bytes, names, origins }: Plan['unreferenced']) {
  return {
    objects,
    bytes,
    names: names.flatMap(({ oid, size }) => {
      const known = origins.get(oid);
      // Gone since it was summed up.
      if (known === undefined) return [];
      const { origin, receivedAt, pushedBy, dataset, version, path } = known;
      const of = { pushed_by: pushedBy, dataset, version: version === null ? null : `v${version}`, path };
      return [{ oid, size, origin, received_at: receivedAt.toISOString(), ...of }];
    }),
  };
}

type Trashed = Awaited<ReturnType<typeof readTrash>>[number];

type TrashedObject = Awaited<ReturnType<typeof readTrashedObjects>>[number];

export function viewTrashedObject(row: TrashedObject, graceSeconds: number): z.infer<typeof trashedObjectView> {
  const { oid, size, trashedAt } = row;
  const until = new Date(trashedAt.getTime() + graceSeconds * 1000);
  return { oid, size, trashed_at: trashedAt.toISOString(), restorable_until: until.toISOString() };
}

export function viewTrashed(row: Trashed, trashSeconds: number): z.infer<typeof trashedVersionView> {
  const { dataset, number, oid, bytes, files } = row;
  const trashedAt = row.trashedAt ?? row.createdAt;
  return {
    dataset,
    ref: `v${number}`,
    oid,
    bytes,
    files,
    trashed_at: trashedAt.toISOString(),
    restorable_until: new Date(trashedAt.getTime() + trashSeconds * 1000).toISOString(),
  };
}
