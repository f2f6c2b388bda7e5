import { Gauge, Registry } from 'prom-client';
import type { Context } from '../../context.ts';
import { readTallies, type Tallies } from '../../store/health.ts';
import type { RequestMetrics } from './request-metrics.ts';

/**
 * The state of the whole service as Prometheus gauges, read from the database at each scrape, and what this process
 * has answered.
 */
export async function renderMetrics(
  ctx: Pick<Context, 'db' | 'release'>,
  requests: RequestMetrics,
): Promise<{ contentType: string; text: string }> {
  const registry = new Registry();
  const tallies = await readTallies(ctx.db);
  fill(registry, tallies);
  const build = { version: ctx.release, node: process.versions.node };
  gauge(registry, 'tidemark_build_info', 'Always 1; its labels say what runs.', Object.keys(build)).set(build, 1);
  const memory = process.memoryUsage();
  gauge(registry, 'tidemark_process_resident_memory_bytes', 'Resident memory of this process.').set(memory.rss);
  return { contentType: registry.contentType, text: await Registry.merge([registry, requests.registry]).metrics() };
}

function fill(registry: Registry, tallies: Tallies): void {
  gauge(registry, 'tidemark_dataset_versions', 'Dataset versions held.').set(tallies.versions);
  const rows = gauge(registry, 'tidemark_log_rows', 'Logged rows, by kind and what became of them.', [
    'kind',
    'outcome',
  ]);
  const batches = gauge(registry, 'tidemark_log_batches', 'Logged batches, by kind and state.', ['kind', 'state']);
  for (const tally of tallies.batches) {
    batches.set({ kind: tally.kind, state: tally.state }, tally.batches);
    rows.inc({ kind: tally.kind, outcome: 'accepted' }, tally.rows - tally.duplicates);
    rows.inc({ kind: tally.kind, outcome: 'duplicate' }, tally.duplicates);
    rows.inc({ kind: tally.kind, outcome: 'rejected' }, tally.rejected);
  }
  const states: [string, string, Tallies['windows']][] = [
    ['tidemark_windows', 'Windows, by state.', tallies.windows],
    ['tidemark_alert_episodes', 'Alert episodes, by state.', tallies.episodes],
    ['tidemark_webhook_messages', 'Webhook messages, by state.', tallies.messages],
    ['tidemark_retraining_runs', 'Retraining runs, by state.', tallies.runs],
  ];
  for (const [name, help, counts] of states) {
    const made = gauge(registry, name, help, ['state']);
    for (const { state, count } of counts) made.set({ state }, count);
  }
  gauge(registry, 'tidemark_objects_quarantined', 'Objects whose stored bytes are wrong or lost.').set(
    tallies.quarantinedObjects,
  );
  gauge(
    registry,
    'tidemark_objects_oldest_read_seconds',
    'Time since the object was read and verified that was not read for the longest time.',
  ).set(tallies.oldestReadSeconds);
  gauge(registry, 'tidemark_objects_trashed_bytes', 'Bytes of objects in the trash.').set(tallies.trashedBytes);
  gauge(
    registry,
    'tidemark_bundles_waiting',
    'Pieces of small objects in the bucket whose members dvc does not find by name yet.',
  ).set(tallies.bundles.waiting);
  gauge(registry, 'tidemark_bundles_missed', 'Such pieces that are not in the bucket: it may be the wrong one.').set(
    tallies.bundles.missed,
  );
  const jobs = gauge(
    registry,
    'tidemark_jobs',
    'Jobs, by name and state; scheduled is what waits for a time more than a minute away.',
    ['name', 'state'],
  );
  for (const { name, state, count } of tallies.jobs) jobs.set({ name, state }, count);
  gauge(
    registry,
    'tidemark_webhook_oldest_pending_seconds',
    'Age of the oldest message that is not delivered yet.',
  ).set(tallies.oldestMessageSeconds);
}

function gauge(registry: Registry, name: string, help: string, labelNames: string[] = []): Gauge {
  return new Gauge({ name, help, labelNames, registers: [registry] });
}
