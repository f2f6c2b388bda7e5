import type { RunRecord } from '../../../domain/run/runs.ts';
import { Command } from '../../layout.tsx';
import type { Visit } from '../../page.tsx';
import { Section, Time } from '../../parts.tsx';

/** How a run that waits for it is approved or declined, as lines to copy: a page changes nothing. */
export function RunApproval({ record, visit }: { record: RunRecord; visit: Visit }) {
  const { run } = record;
  if (run.state !== 'awaiting_approval') return null;
  const { actor, ctx } = visit;
  const project = actor.project === 'default' ? '' : `?project=${encodeURIComponent(actor.project)}`;
  const line = (verb: string, body: object): string =>
    `curl -sS '${ctx.publicUrl()}/v1/runs/${run.id}/${verb}${project}' -H 'content-type: application/json' -d '${JSON.stringify(body)}'`;
  return (
    <Section title="Somebody has to decide">
      <div class="card pad">
        <p>
          Nothing starts before the run is approved. It is given up <Time at={run.deadlineAt} />.
        </p>
        <Command text={line('approve', {})} />
        <Command text={line('decline', { reason: '…' })} />
        <p class="small soft">With a key: add -H 'authorization: Bearer …'.</p>
      </div>
    </Section>
  );
}
