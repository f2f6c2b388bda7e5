import type { Client } from '../client/client.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { beginStorageRun, reportRun } from './storage-run.ts';

/**
 * Compares the database with the remote. @returns 0 when they agree, else 1. What only lies in the remote is told and
 * is no fault: another program may have written it there.
 */
export async function check(client: Client, terminal: Terminal, options: { detach: boolean }): Promise<number> {
  const run = await beginStorageRun(client, terminal, { path: '/v1/remote/check', body: {}, detach: options.detach });
  await reportRun(client, terminal, run);
  return (run.progress.findings ?? 0) === (run.progress.orphaned ?? 0) ? 0 : 1;
}
