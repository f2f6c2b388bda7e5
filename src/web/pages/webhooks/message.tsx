import { readEndpoint } from '../../../domain/webhook/endpoints.ts';
import { readMessage } from '../../../domain/webhook/messages.ts';
import { shownBody } from '../../../domain/webhook/redact.ts';
import { Command, Crumbs, State } from '../../layout.tsx';
import type { Content, Visit } from '../../page.tsx';
import { Section, Time } from '../../parts.tsx';
import { About } from './message-about.tsx';
import { MessageActions } from './webhook-actions.tsx';

/** One message: what was said, and how each try to say it went. */
export async function messagePage(visit: Visit): Promise<Content> {
  const { ctx, actor, links } = visit;
  const { message, attempts } = await readMessage(ctx, actor, visit.param('message'));
  const endpoint = await readEndpoint(ctx, actor, message.endpointId);
  const body = (
    <>
      <div class="headline">
        <div>
          <Crumbs path={[['Webhooks', links.webhooks]]} />
          <h1>
            {message.type} <State of={message.state} />
          </h1>
          <p class="lede">
            About <About message={message} links={links} />, to <bdi>{endpoint.url}</bdi>
            {message.nextAttemptAt !== null && (
              <>
                , next tried <Time at={message.nextAttemptAt} precise />
              </>
            )}
          </p>
        </div>
      </div>
      <Section title="Tries">
        <ol class="timeline card">
          {attempts.map((attempt) => (
            <li class={attempt.outcome === 'delivered' ? 'resolved' : 'failed'}>
              <div class="row">
                <span class="strong">{attempt.status ?? attempt.outcome}</span>
                <span class="soft">{attempt.milliseconds} ms</span>
                {attempt.error !== null && <bdi>{attempt.error}</bdi>}
              </div>
              {attempt.externalId !== null && (
                <div class="small">
                  started there:{' '}
                  {isLink(attempt.externalUrl) ? (
                    <a href={attempt.externalUrl} rel="noreferrer">
                      <bdi>{attempt.externalId}</bdi>
                    </a>
                  ) : (
                    <bdi>{attempt.externalId}</bdi>
                  )}
                </div>
              )}
              <div class="small faint">
                <Time at={attempt.at} precise />
              </div>
              {attempt.request !== null && (
                <details>
                  <summary class="small">what was asked</summary>
                  <pre class="body">{JSON.stringify(attempt.request, null, 2)}</pre>
                </details>
              )}
              {attempt.response !== null && attempt.response !== '' && (
                <details>
                  <summary class="small">what the receiver said</summary>
                  <pre class="body">{attempt.response}</pre>
                </details>
              )}
            </li>
          ))}
          {attempts.length === 0 && <li>None yet.</li>}
        </ol>
      </Section>
      {endpoint.state === 'enabled' && message.state !== 'pending' && (
        <Section title="Act">
          <div class="card pad">
            <MessageActions id={message.id} visit={visit} />
          </div>
        </Section>
      )}
      <Section title="Body">
        <Command text={JSON.stringify(shownBody(message.body), null, 2)} />
      </Section>
    </>
  );
  const moving = message.state === 'pending' ? { refresh: 2 } : {};
  return { section: 'webhooks', title: message.type, ...moving, body };
}

/** What another system says of itself leads to a page, and never runs anything here. */
const isLink = (url: string | null): url is string => url !== null && /^https?:\/\//.test(url);
