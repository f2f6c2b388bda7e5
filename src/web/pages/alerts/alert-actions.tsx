import type { AlertRecord } from '../../../domain/alert/alerts.ts';
import { Command } from '../../layout.tsx';
import type { Visit } from '../../page.tsx';
import { Section } from '../../parts.tsx';

type ActionsProps = Pick<AlertRecord, 'alert'> & { readonly visit: Visit };

/** What people can do with an alert, as lines to copy: a page changes nothing. */
export function AlertActions({ alert, visit }: ActionsProps) {
  if (alert.state === 'resolved') return null;
  const { actor, ctx } = visit;
  const project = actor.project === 'default' ? '' : `?project=${encodeURIComponent(actor.project)}`;
  const line = (path: string, body: object): string =>
    `curl -sS '${ctx.publicUrl()}/v1${path}${project}' -H 'content-type: application/json' -d '${JSON.stringify(body)}'`;
  const own = `/alerts/${alert.id}`;
  const inADay = new Date(visit.now.getTime() + 86_400_000).toISOString();
  const matchers = [{ label: 'model', is: [alert.model] }];
  const actions: readonly (readonly [string, string])[] = [
    ['Somebody has seen it', line(`${own}/acknowledge`, { by: 'me' })],
    ['Somebody looks after it', line(`${own}/assign`, { to: 'me' })],
    ['Say something about it', line(`${own}/comment`, { comment: '…' })],
    ['Tell nobody of it for a day', line(`${own}/mute`, { until: inADay })],
    ['End it', line(`${own}/resolve`, { reason: '…' })],
    ['Tell nobody of this model for a day', line('/silences', { matchers, ends_at: inADay, comment: '…' })],
  ];
  return (
    <Section title="Act">
      <div class="card pad">
        <p class="small soft">With a key: add -H 'authorization: Bearer …' to each.</p>
        {actions.map(([what, command]) => (
          <details>
            <summary>{what}</summary>
            <Command text={command} />
          </details>
        ))}
      </div>
    </Section>
  );
}
