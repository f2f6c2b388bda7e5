import type { JobName } from '../../schemas/wire/jobs.ts';
import type { Context } from '../../src/context.ts';
import { claimJob, completeJob } from '../../src/store/jobs/jobs.ts';
import { JOB_HANDLERS } from '../../workers/jobs.ts';
import { type DatasetService, md5Of, startDatasetService } from './datasets.ts';

/** The routes with the work on stored objects run by hand, to its end. */
export type StorageService = DatasetService & {
  /** Runs due jobs of these names until none is left. */
  readonly drain: (names?: readonly JobName[], ctx?: Context) => Promise<void>;
  /** Begins work at an address, runs it to its end and returns the run. */
  readonly work: (path: string, body?: object) => Promise<RunAnswer>;
  /** `code oid` of what a run found. */
  readonly findings: (run: RunAnswer) => Promise<string[]>;
  /** Holds the files and a manifest of them; returns its oid. */
  readonly holdFolder: (files: Readonly<Record<string, string>>) => Promise<string>;
};

export type RunAnswer = {
  readonly id: string;
  readonly state: string;
  readonly error: string | null;
  readonly progress: Readonly<Record<string, number>>;
};

const STORAGE_JOBS: readonly JobName[] = ['advance-storage-run', 'announce-quarantine'];

export async function startStorageService(environment: Record<string, string> = {}): Promise<StorageService> {
  const service = await startDatasetService(environment);
  const drain: StorageService['drain'] = async (names = STORAGE_JOBS, ctx = service.ctx) => {
    for (;;) {
      const job = await claimJob(ctx.db, names, 60);
      if (job === null) return;
      // The payload was put there under this very name.
      const handle = JOB_HANDLERS[job.name] as (ctx: Context, payload: unknown) => Promise<void>;
      await handle(ctx, job.payload);
      await completeJob(ctx.db, job);
    }
  };
  // Each test says what it expects of an answer, and fails where it is something else.
  const read = async (id: string) => (await service.send('GET', `/v1/remote/runs/${id}`)).body as unknown as RunAnswer;
  const work: StorageService['work'] = async (path, body = {}) => {
    const begun = await service.send('POST', path, body);
    if (begun.status !== 202) throw new Error(`${path}: ${begun.status} ${begun.text}`);
    await drain();
    return read(String(begun.body.id));
  };
  const findings: StorageService['findings'] = async (run) => {
    const page = await service.send('GET', `/v1/remote/runs/${run.id}/findings?limit=1000`);
    const items = page.body.items as { code: string; oid: string }[];
    return items.map(({ code, oid }) => `${code} ${oid}`);
  };
  const holdFolder: StorageService['holdFolder'] = async (files) => {
    for (const text of Object.values(files)) await service.hold(text);
    const manifest = manifestOf(files);
    const oid = `${md5Of(manifest)}.dir`;
    const sent = await service.send('PUT', `/v1/objects/${oid}`, manifest);
    if (sent.status !== 201 && sent.status !== 200) throw new Error(sent.text);
    return oid;
  };
  return { ...service, drain, work, findings, holdFolder };
}

/** The manifest of a folder as DVC writes it: paths in ASCII, in order. */
export function manifestOf(files: Readonly<Record<string, string>>): string {
  const entries = Object.entries(files).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `[${entries.map(([path, text]) => `{"md5": "${md5Of(text)}", "relpath": "${path}"}`).join(', ')}]`;
}
