import { isSigned } from '../../../domain/webhook/target.ts';
import { Command } from '../../layout.tsx';
import type { Visit } from '../../page.tsx';

type Action = readonly [what: string, method: 'POST' | 'PATCH', path: string, body: object];

type EndpointActionsProps = {
  readonly endpoint: { readonly id: string; readonly state: string; readonly kind: string };
  readonly visit: Visit;
};

/** What people can do with a receiver, as lines to copy: a page changes nothing. */
export function EndpointActions({ endpoint, visit }: EndpointActionsProps) {
  const own = `/webhooks/${endpoint.id}`;
  const disabled = endpoint.state === 'disabled';
  const actions: readonly Action[] = [
    ...(disabled
      ? [['Send to it again', 'PATCH', own, { state: 'enabled' }] as const]
      : [
          ['Send a test, by the way of every message', 'POST', `${own}/test`, {}] as const,
          ['Send again all that failed', 'POST', `${own}/redeliver`, {}] as const,
        ]),
    ...(isSigned(endpoint)
      ? [['Give it a new secret; the old one signs too for a day', 'POST', `${own}/rotate-secret`, {}] as const]
      : []),
    ...(disabled ? [] : [['Send nothing to it any more', 'PATCH', own, { state: 'disabled' }] as const]),
  ];
  return <Actions actions={actions} visit={visit} />;
}

/** How a message is sent once more, under its id. */
export function MessageActions({ id, visit }: { readonly id: string; readonly visit: Visit }) {
  return <Actions actions={[['Send it again', 'POST', `/messages/${id}/redeliver`, {}]]} visit={visit} />;
}

function Actions({ actions, visit }: { readonly actions: readonly Action[]; readonly visit: Visit }) {
  const { actor, ctx } = visit;
  const project = actor.project === 'default' ? '' : `?project=${encodeURIComponent(actor.project)}`;
  return (
    <>
      {actions.map(([what, method, path, body]) => (
        <details>
          <summary>{what}</summary>
          <Command
            text={`curl -sS ${method === 'POST' ? '' : `-X ${method} `}'${ctx.publicUrl()}/v1${path}${project}' -H 'content-type: application/json' -d '${JSON.stringify(body)}'`}
          />
        </details>
      ))}
    </>
  );
}
