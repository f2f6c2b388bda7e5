import type { MessageRecord } from '../../../domain/webhook/messages.ts';
import { State } from '../../layout.tsx';
import type { Links } from '../../links.ts';
import { Time } from '../../parts.tsx';
import { StackTable } from '../../stack-table.tsx';

type Delivery = MessageRecord & { readonly url?: string };

/** Messages with every try: what was sent where, what came back, and how long it took. */
export function Deliveries({ messages, links }: { messages: readonly Delivery[]; links: Links }) {
  if (messages.length === 0) return <p class="card empty">No webhook asked for this.</p>;
  return (
    <StackTable
      rows={messages}
      columns={[
        {
          head: 'Event',
          cell: ({ message }) => (
            <a class="strong" href={links.message(message.id)}>
              {message.type}
            </a>
          ),
        },
        { head: 'To', class: 'soft address', cell: ({ url }) => <bdi>{url ?? ''}</bdi> },
        { head: 'State', cell: ({ message }) => <State of={message.state} /> },
        { head: 'Tries', cell: ({ attempts }) => <Tries attempts={attempts} /> },
        {
          head: 'Made',
          class: 'num soft',
          cell: ({ message }) => <Time at={message.createdAt} precise />,
        },
      ]}
    />
  );
}

const SHOWN = 4;

function Tries({ attempts }: { attempts: MessageRecord['attempts'] }) {
  if (attempts.length === 0) return <span class="faint">none yet</span>;
  return (
    <span class="row">
      {attempts.length > SHOWN && <span class="small soft">{attempts.length - SHOWN} before,</span>}
      {attempts.slice(-SHOWN).map(({ outcome, status, milliseconds, error }) => (
        <span class={outcome === 'delivered' ? 'try good' : 'try bad'} title={error ?? outcome}>
          {status ?? outcome} <span class="faint">{milliseconds} ms</span>
        </span>
      ))}
    </span>
  );
}
