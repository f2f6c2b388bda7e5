import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { TidemarkError } from '../../errors.ts';
import type { Client } from '../client/client.ts';
import { bytes, type Terminal, table } from '../terminal/terminal.ts';

/** Long work over stored objects, as the command line follows it. */
const runShape = z.looseObject({
  id: z.string(),
  kind: z.string(),
  state: z.enum(['running', 'done', 'failed']),
  progress: z.record(z.string(), z.number()),
  error: z.string().nullable(),
  started_at: z.string(),
  finished_at: z.string().nullable(),
});

export type StorageRun = z.infer<typeof runShape>;

const findingsShape = z.looseObject({
  items: z.array(z.looseObject({ code: z.string(), oid: z.string(), detail: z.string() })),
  next: z.string().nullable(),
});

type Finding = z.infer<typeof findingsShape>['items'][number];

const POLL_MILLISECONDS = 500;

/** Findings that are printed; the rest is counted, and all that were kept are at the run's address. */
const FINDINGS_SHOWN = 1000;

/** Begins work at an address (or joins what is under way) and, unless told not to, waits for its end. */
export async function beginStorageRun(
  client: Client,
  terminal: Terminal,
  work: { path: string; body: unknown; detach: boolean },
): Promise<StorageRun> {
  const begun = await client.call(runShape.extend({ created: z.boolean() }), 'POST', work.path, { json: work.body });
  if (!begun.created) terminal.say(`a ${begun.kind} is under way already: ${begun.id}`);
  return work.detach ? begun : followRun(client, terminal, begun.id);
}

/** Waits for the end of a run. @throws TidemarkError `internal` when it failed for good. */
async function followRun(client: Client, terminal: Terminal, id: string): Promise<StorageRun> {
  for (;;) {
    const run = await client.call(runShape, 'GET', `/v1/remote/runs/${encodeURIComponent(id)}`);
    if (run.state === 'done') return run;
    if (run.state === 'failed') throw new TidemarkError('internal', `The ${run.kind} failed: ${run.error ?? ''}`);
    terminal.progress(`${run.kind}  ${summaryOf(run)}${run.error === null ? '' : `  (trying again: ${run.error})`}`);
    await pause(POLL_MILLISECONDS);
  }
}

/** What a run found wrong, up to about so many. */
export async function findingsOf(
  client: Pick<Client, 'call'>,
  run: Pick<StorageRun, 'id'>,
  most = FINDINGS_SHOWN,
): Promise<Finding[]> {
  const found: Finding[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.call(findingsShape, 'GET', `/v1/remote/runs/${encodeURIComponent(run.id)}/findings`, {
      query: { limit: String(Math.min(most, 500)), cursor },
    });
    found.push(...page.items);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined && found.length < most);
  return found;
}

/** Prints how a run went and what it found. @returns 0 when it found nothing wrong, else 1. */
export async function reportRun(client: Client, terminal: Terminal, run: StorageRun): Promise<number> {
  const findings = run.state === 'running' ? [] : await findingsOf(client, run);
  const total = run.progress.findings ?? 0;
  terminal.result({ ...run, findings }, () =>
    [`${run.kind} ${run.id}: ${run.state}  ${summaryOf(run)}`, ...findingLines(findings, total)].join('\n'),
  );
  return total === 0 ? 0 : 1;
}

/** Findings for people, and how many there are besides. */
export function findingLines(findings: readonly Finding[], total: number): string[] {
  return [
    ...(findings.length === 0
      ? []
      : [table([['FINDING', 'OBJECT', 'DETAIL'], ...findings.map((f) => [f.code, f.oid, f.detail])])]),
    ...(total > findings.length ? [`… and ${total - findings.length} more`] : []),
  ];
}

function summaryOf(run: StorageRun): string {
  return Object.entries(run.progress)
    .filter(([name, count]) => count > 0 && name !== 'findings')
    .map(([name, count]) => (name.endsWith('bytes') ? `${name} ${bytes(count)}` : `${name} ${count}`))
    .join('  ');
}
