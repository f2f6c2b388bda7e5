import { matchersOf } from '../../../domain/webhook/endpoint.ts';
import { readEndpoints } from '../../../domain/webhook/endpoints.ts';
import { readMessages } from '../../../domain/webhook/messages.ts';
import { formatAge, formatCount, formatDuration, formatTime } from '../../format.ts';
import { Command, State } from '../../layout.tsx';
import type { Content, Visit } from '../../page.tsx';
import { Time } from '../../parts.tsx';
import { StackTable } from '../../stack-table.tsx';
import { Condition } from './condition.tsx';
import { About } from './message-about.tsx';
import { EndpointActions } from './webhook-actions.tsx';

const MESSAGES = 15;

type Endpoint = Awaited<ReturnType<typeof readEndpoints>>[number];
type Message = Awaited<ReturnType<typeof readMessages>>['items'][number];

/** Receivers and what was sent to them lately. */
export async function webhooksPage(visit: Visit): Promise<Content> {
  const { ctx, actor } = visit;
  const endpoints = await readEndpoints(ctx, actor);
  const pages = await Promise.all(
    endpoints.map(({ id }) => readMessages(ctx, actor, { endpoint: id, limit: MESSAGES })),
  );
  const body = (
    <>
      <div class="headline">
        <div>
          <h1>Webhooks</h1>
          <p class="lede">
            Signed by Standard Webhooks, delivered at least once, every try kept; or called in the way of the system
            that is to be told.
          </p>
        </div>
      </div>
      {endpoints.length === 0 && (
        <section class="card empty">
          <h2>Nobody is told yet</h2>
          <p>Register a receiver; the answer shows its secret once.</p>
          <Command
            text={`curl -sS ${ctx.publicUrl()}/v1/webhooks -H 'content-type: application/json' -d '{"url":"https://example.com/hook"}'`}
          />
        </section>
      )}
      {endpoints.map((endpoint, i) => (
        <EndpointSection endpoint={endpoint} messages={pages[i]?.items ?? []} visit={visit} />
      ))}
    </>
  );
  return { section: 'webhooks', title: 'Webhooks', refresh: 5, body };
}

type EndpointProps = { endpoint: Endpoint; messages: readonly Message[]; visit: Visit };

function EndpointSection({ endpoint, messages, visit }: EndpointProps) {
  const rotating = endpoint.rotatingUntil !== null && endpoint.rotatingUntil > visit.now;
  return (
    <section class="section">
      <div class="card flush">
        <div class="pad endpoint">
          <div class="row">
            <bdi class="strong">{endpoint.url}</bdi> <State of={endpoint.state} />
            {endpoint.state === 'enabled' && endpoint.failingSince !== null && <State of="failing" />}
            {endpoint.kind !== 'standard' && <span class="soft small">{endpoint.kind.replaceAll('_', ' ')}</span>}
          </div>
          <div class="small soft">
            <bdi>{endpoint.description}</bdi>
            {endpoint.description !== '' && ' · '}
            {endpoint.events.length === 0 ? 'every event' : endpoint.events.join(', ')}
            {matchersOf(endpoint).map((matcher) => (
              <>
                {', '}
                <Condition matcher={matcher} />
              </>
            ))}
            {endpoint.scheme === 'v1a' && ' · signed with ed25519'}
            {endpoint.digestSeconds !== null && ` · alerts together after ${formatDuration(endpoint.digestSeconds)}`}
            {endpoint.ratePerMinute !== null && ` · at most ${formatCount(endpoint.ratePerMinute)} a minute`}
            {rotating && ` · former secrets sign until ${formatTime(endpoint.rotatingUntil ?? visit.now)}`}
            {endpoint.disabledReason !== null && ` · ${endpoint.disabledReason}`}
            {endpoint.failingSince !== null && ` · failing since ${formatAge(endpoint.failingSince, visit.now)}`}
          </div>
        </div>
        <Messages messages={messages} visit={visit} />
        <div class="pad small">
          <EndpointActions endpoint={endpoint} visit={visit} />
        </div>
      </div>
    </section>
  );
}

function Messages({ messages, visit }: { messages: readonly Message[]; visit: Visit }) {
  if (messages.length === 0) return <p class="pad soft small">No message yet.</p>;
  return (
    <StackTable
      framed={false}
      rows={messages}
      columns={[
        {
          head: 'Event',
          cell: (message) => (
            <a class="strong" href={visit.links.message(message.id)}>
              {message.type}
            </a>
          ),
        },
        { head: 'About', cell: (message) => <About message={message} links={visit.links} /> },
        { head: 'State', cell: (message) => <State of={message.state} /> },
        { head: 'Tries', class: 'num', cell: (message) => formatCount(message.attempts) },
        {
          head: 'Next try',
          class: 'soft',
          cell: (message) => (message.nextAttemptAt === null ? '' : <Time at={message.nextAttemptAt} />),
        },
        { head: 'Made', class: 'num soft', cell: (message) => <Time at={message.createdAt} /> },
      ]}
    />
  );
}
