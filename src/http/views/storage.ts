import type { z } from 'zod';
import type { findingView, quarantinedView, remoteView, storageRunView } from '../../../schemas/wire/storage.ts';
import type { readQuarantined, readRemote } from '../../domain/storage/read.ts';
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

type Quarantined = Awaited<ReturnType<typeof readQuarantined>>[number];

export const viewQuarantined = (row: Quarantined): z.infer<typeof quarantinedView> => ({
  oid: row.oid,
  size: row.size,
  quarantined_at: (row.quarantinedAt ?? row.verifiedAt).toISOString(),
  verified_at: row.verifiedAt.toISOString(),
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
    runs: state.runs.map((run) => viewStorageRun(base, run)),
  };
}
