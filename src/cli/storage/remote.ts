import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { parsePointer } from '../../dvc/pointer.ts';
import { TidemarkError } from '../../errors.ts';
import type { Client } from '../client/client.ts';
import { pointInTime } from '../terminal/point-in-time.ts';
import { bytes, type Terminal, table } from '../terminal/terminal.ts';
import { beginStorageRun, findingLines, findingsOf, reportRun } from './storage-run.ts';

const remoteShape = z.looseObject({
  location: z.string(),
  objects: z.int(),
  bytes: z.int(),
  quarantined: z.int(),
  oldest_verified_at: z.string().nullable(),
  // A service of before an upgrade does not say it, and has none.
  bundles_waiting: z.int().default(0),
  bundles_missed: z.int().default(0),
  runs: z.array(
    z.looseObject({
      id: z.string(),
      kind: z.string(),
      state: z.string(),
      started_at: z.string(),
      finished_at: z.string().nullable(),
      progress: z.record(z.string(), z.number()),
    }),
  ),
});

const quarantinedShape = z.looseObject({
  items: z.array(
    z.looseObject({
      oid: z.string(),
      size: z.int(),
      quarantined_at: z.string(),
      uses: z.array(z.looseObject({ dataset: z.string(), ref: z.string(), path: z.string() })),
      uses_total: z.int(),
    }),
  ),
});
type Quarantined = z.infer<typeof quarantinedShape>['items'];

/** Of each run, and of what is quarantined; all that were kept are at their addresses. */
const FINDINGS_LISTED = 20;

const POLL_MILLISECONDS = 500;

/**
 * Shows what the project holds in the remote, and what the newest work on it found wrong.
 * @param options `wait`: until all files have names of their own there, but for those that are missed.
 * @param wait passes so many milliseconds.
 * @returns 0, or 1 when something is quarantined or not in the bucket.
 */
export async function remoteStatus(
  client: Pick<Client, 'call'>,
  terminal: Pick<Terminal, 'progress' | 'result'>,
  options: { readonly wait: boolean },
  wait: (milliseconds: number) => Promise<unknown> = pause,
): Promise<number> {
  let remote = await client.call(remoteShape, 'GET', '/v1/remote');
  while (options.wait && remote.bundles_waiting > 0) {
    terminal.progress(waitingLine(remote.bundles_waiting));
    await wait(POLL_MILLISECONDS);
    remote = await client.call(remoteShape, 'GET', '/v1/remote');
  }
  const runs = await Promise.all(
    remote.runs.map(async (run) => ({
      ...run,
      findings: (run.progress.findings ?? 0) > 0 ? await findingsOf(client, run, FINDINGS_LISTED) : [],
    })),
  );
  const sick: Quarantined =
    remote.quarantined === 0
      ? []
      : (await client.call(quarantinedShape, 'GET', `/v1/remote/quarantined?limit=${FINDINGS_LISTED}`)).items;
  terminal.result({ ...remote, runs, quarantined_objects: sick }, () =>
    [
      `${remote.location}: ${remote.objects} objects, ${bytes(remote.bytes)}, ${remote.quarantined} quarantined`,
      ...sinceWhen(remote),
      ...(remote.bundles_waiting === 0 ? [] : [waitingLine(remote.bundles_waiting)]),
      ...(remote.bundles_missed === 0
        ? []
        : [`${remote.bundles_missed} bundles of small files are not in the bucket: is it the right one?`]),
      ...quarantinedLines(sick, remote.quarantined),
      ...(remote.runs.length === 0
        ? []
        : [
            table([
              ['RUN', 'STATE', 'BEGUN', 'ENDED', 'FOUND'],
              ...remote.runs.map((run) => [
                run.id,
                run.state,
                pointInTime(run.started_at),
                run.finished_at === null ? '' : pointInTime(run.finished_at),
                String(run.progress.findings ?? 0),
              ]),
            ]),
          ]),
      ...runs.flatMap(({ id, findings, progress }) =>
        findings.length === 0 ? [] : [`${id}:`, ...findingLines(findings, progress.findings ?? 0)],
      ),
    ].join('\n'),
  );
  return remote.quarantined === 0 && remote.bundles_missed === 0 ? 0 : 1;
}

function waitingLine(bundles: number): string {
  const noun = bundles === 1 ? '1 bundle of small files is' : `${bundles} bundles of small files are`;
  return `${noun} being laid out: until then the service finds them, and \`dvc\` straight in the bucket does not`;
}

function sinceWhen({ oldest_verified_at: oldest, quarantined }: z.infer<typeof remoteShape>): string[] {
  if (oldest === null) return [];
  return [`every ${quarantined === 0 ? '' : 'other '}object was read and good since ${pointInTime(oldest)}`];
}

/** What waits for good bytes, and a version of each that does. */
function quarantinedLines(sick: Quarantined, total: number): string[] {
  if (sick.length === 0) return [];
  const rows = sick.map(({ oid, size, quarantined_at: at, uses: [use], uses_total: uses }) => [
    oid,
    bytes(size),
    pointInTime(at),
    use === undefined
      ? 'no version'
      : `${use.dataset}@${use.ref} ${use.path}${uses > 1 ? ` and ${uses - 1} more` : ''}`,
  ]);
  const more = total > sick.length ? [`… and ${total - sick.length} more`] : [];
  return [table([['QUARANTINED', 'SIZE', 'SINCE', 'IN'], ...rows]), ...more, 'A push of the same files heals them.'];
}

/** Reads every object again. @returns 0 when all are good, else 1. */
export async function remoteScrub(client: Client, terminal: Terminal, options: { detach: boolean }): Promise<number> {
  const run = await beginStorageRun(client, terminal, { path: '/v1/remote/scrub', body: {}, detach: options.detach });
  return reportRun(client, terminal, run);
}

export type ScanOptions = {
  readonly detach: boolean;
  readonly dataset?: string;
  readonly oid?: string;
  readonly pointer?: string;
  readonly path?: string;
};

const versionShape = z.looseObject({ dataset: z.string(), ref: z.string(), oid: z.string(), created: z.boolean() });

/**
 * Takes what `dvc push` wrote straight into the remote; with a dataset, an object of it becomes the next version.
 * @returns 0 when nothing is wrong with what was found, else 1.
 */
export async function remoteScan(client: Client, terminal: Terminal, options: ScanOptions): Promise<number> {
  const content = await contentOf(options);
  const body = content === null ? {} : { oid: content.oid };
  const run = await beginStorageRun(client, terminal, { path: '/v1/remote/scan', body, detach: options.detach });
  if (content === null || options.dataset === undefined) return reportRun(client, terminal, run);
  if ((run.progress.findings ?? 0) > 0) return reportRun(client, terminal, run);
  const version = await client.call(
    versionShape,
    'POST',
    `/v1/datasets/${encodeURIComponent(options.dataset)}/versions`,
    { json: content.commit },
  );
  terminal.result(version, () => `${version.dataset}@${version.ref} ${version.created ? 'made' : 'was there'}`);
  return 0;
}

type Content = { readonly oid: string; readonly commit: Readonly<Record<string, unknown>> };

async function contentOf(options: ScanOptions): Promise<Content | null> {
  const { oid, pointer: file, path, dataset } = options;
  if (oid === undefined && file === undefined) {
    if (dataset === undefined) return null;
    throw misused('--dataset also needs --oid or --pointer: what is to become its version');
  }
  if (oid !== undefined && file !== undefined) throw misused('--oid and --pointer say the same; give one of them');
  if (dataset !== undefined && options.detach) throw misused('--detach leaves before a version can be made');
  if (oid !== undefined) return { oid, commit: path === undefined ? { oid } : { oid, path } };
  const pointer = await readFile(file ?? '', 'utf8').catch((cause: unknown) => {
    throw new TidemarkError('bad-request', `The pointer file "${file}" cannot be read.`, { cause });
  });
  const outs = parsePointer(pointer);
  const meant = path === undefined ? outs : outs.filter((out) => out.path === path);
  const [out] = meant;
  if (out === undefined || meant.length > 1) {
    throw misused(`--path has to say which output of "${file}" is meant: ${outs.map((one) => one.path).join(', ')}`);
  }
  return { oid: out.oid, commit: path === undefined ? { pointer } : { pointer, path } };
}

const misused = (text: string): TidemarkError => new TidemarkError('bad-request', `${text}.`);
