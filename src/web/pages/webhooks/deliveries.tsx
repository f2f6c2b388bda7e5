import type { MessageRecord } from '../../../domain/webhook/messages.ts';
import { State } from '../../layout.tsx';
import type { Links } from '../../links.ts';
import { Time } from '../../parts.tsx';

type Delivery = MessageRecord & { readonly url?: string };

/** Messages with every try: what was sent where, what came back, and how long it took. */
export function Deliveries({ messages, links }: { messages: readonly Delivery[]; links: Links }) {
  if (messages.length === 0) return <p class="card empty">No webhook asked for this.</p>;
  return (
    <div class="card flush scroll">
      <table class="stack">
        <thead>
          <tr>
            <th>Event</th>
            <th>To</th>
            <th>State</th>
            <th>Tries</th>
            <th class="num">Made</th>
          </tr>
        </thead>
        <tbody>
          {messages.map(({ message, url, attempts }) => (
            <tr>
              <td data-label="Event">
                <a class="strong" href={links.message(message.id)}>
                  {message.type}
                </a>
              </td>
              <td class="soft address" data-label="To">
                <bdi>{url ?? ''}</bdi>
              </td>
              <td data-label="State">
                <State of={message.state} />
              </td>
              <td data-label="Tries">
                <Tries attempts={attempts} />
              </td>
              <td class="num soft" data-label="Made">
                <Time at={message.createdAt} precise />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
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
