import type { MessageRecord } from '../../domain/webhook/messages.ts';
import { State } from '../layout.tsx';
import type { Links } from '../links.ts';
import { Time } from '../parts.tsx';

type Delivery = MessageRecord & { readonly url?: string };

/** Messages with every try: what was sent where, what came back, and how long it took. */
export function Deliveries({ messages, links }: { messages: readonly Delivery[]; links: Links }) {
  if (messages.length === 0) return <p class="card empty">No webhook asked for this.</p>;
  return (
    <div class="card flush scroll">
      <table>
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
              <td>
                <a class="strong" href={links.message(message.id)}>
                  {message.type}
                </a>
              </td>
              <td class="soft address">
                <bdi>{url ?? ''}</bdi>
              </td>
              <td>
                <State of={message.state} />
              </td>
              <td>
                <Tries attempts={attempts} />
              </td>
              <td class="num soft">
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

export function Tries({ attempts }: { attempts: MessageRecord['attempts'] }) {
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
