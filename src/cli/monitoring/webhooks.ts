import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { attemptView, messageView, redeliveryView, webhookView } from '../../../schemas/wire/webhooks.ts';
import type { Client } from '../client/client.ts';
import { pointInTime } from '../terminal/point-in-time.ts';
import { printable, type Terminal, table } from '../terminal/terminal.ts';

// A newer service may say more than this client knows.
const webhook = z.looseObject(webhookView.shape).extend({ state: z.string(), signature: z.string() });
const issued = webhook.extend({ secret: z.string().nullable() });
const message = z.looseObject(messageView.shape).extend({ state: z.string() });
const tried = z.looseObject(attemptView.shape).extend({ outcome: z.string(), request: z.unknown() });
const detail = message.extend({ tries: tried.array() });
const messages = z.looseObject({ items: z.array(message) });

type Webhook = z.output<typeof webhook>;
type Message = z.output<typeof message>;
type Detail = z.output<typeof detail>;

/** Messages that are shown; the API has them all. */
const SHOWN = '50';

const pathOf = (id: string, verb = ''): string => `/v1/webhooks/${encodeURIComponent(id)}${verb}`;

/** Lists receivers and how they are. */
export async function listWebhooks(client: Client, terminal: Terminal): Promise<void> {
  const { items } = await client.call(z.looseObject({ items: z.array(webhook) }), 'GET', '/v1/webhooks');
  const header = ['WEBHOOK', 'KIND', 'STATE', 'EVENTS', 'URL'];
  terminal.result({ items }, () =>
    items.length === 0 ? 'No webhook.' : table([header, ...items.map((item) => lineOf(item))]),
  );
}

const lineOf = ({ id, kind, state, failing_since, events, url }: Webhook): string[] => [
  id,
  kind,
  failing_since === null || state === 'disabled' ? state : `failing since ${failing_since}`,
  events.length === 0 ? 'all' : events.join(', '),
  url,
];

export type NewWebhook = {
  readonly event?: readonly string[] | undefined;
  readonly description?: string | undefined;
  readonly ed25519?: boolean | undefined;
};

/** Registers a receiver of signed events. What verifies them is printed, once and never again. */
export async function addWebhook(
  client: Client,
  terminal: Terminal,
  given: { readonly url: string; readonly options: NewWebhook },
): Promise<void> {
  const { event, description, ed25519 } = given.options;
  const json = {
    url: given.url,
    ...(event !== undefined && { events: event }),
    ...(description !== undefined && { description }),
    ...(ed25519 === true && { signature: 'v1a' }),
  };
  const made = await client.call(issued, 'POST', '/v1/webhooks', { json });
  terminal.result(made, () => keyLines(made).join('\n'));
}

const keyLines = ({ id, secret, public_key }: z.output<typeof issued>): string[] => [
  id,
  secret === null ? `public key  ${public_key ?? ''}` : `secret  ${secret}  (it is shown this once)`,
];

/** Gives a receiver a new key; the former one signs too for a day. */
export async function rotateSecret(client: Client, terminal: Terminal, id: string): Promise<void> {
  const made = await client.call(issued, 'POST', pathOf(id, '/rotate-secret'), { json: {} });
  terminal.result(made, () =>
    [...keyLines(made), `the former one signs too until ${pointInTime(made.rotating_until ?? '')}`].join('\n'),
  );
}

/** How often a message is asked after, and how many times. */
const BETWEEN_MILLISECONDS = 250;
const MOST_QUESTIONS = 80;

/**
 * Sends a test event on the very path of every other message, and says what became of it.
 * @returns 0 when it was taken, 1 when it was not, or not within 20 seconds.
 */
export async function testWebhook(client: Client, terminal: Terminal, id: string): Promise<number> {
  const sent = await client.call(z.looseObject({ message: z.string() }), 'POST', pathOf(id, '/test'), { json: {} });
  let found = await readMessage(client, sent.message);
  for (let asked = 0; found.tries.length === 0 && asked < MOST_QUESTIONS; asked++) {
    await wait(BETWEEN_MILLISECONDS);
    found = await readMessage(client, sent.message);
  }
  terminal.result(found, () => messageLines(found).join('\n'));
  return found.tries.at(-1)?.outcome === 'delivered' ? 0 : 1;
}

const readMessage = (client: Client, id: string): Promise<Detail> =>
  client.call(detail, 'GET', `/v1/messages/${encodeURIComponent(id)}`);

/** Shows a message and every try to deliver it. */
export async function showMessage(client: Client, terminal: Terminal, id: string): Promise<void> {
  const found = await readMessage(client, id);
  terminal.result(found, () => messageLines(found).join('\n'));
}

function messageLines(found: Detail): string[] {
  const tries = found.tries.map(({ number, at, outcome, status, error, milliseconds, response }) => {
    const answer = status === null ? (error ?? 'no answer') : `${status} ${response ?? ''}`;
    return printable(`${at}  try ${number}: ${outcome} in ${milliseconds} ms: ${answer}`.trimEnd());
  });
  const next = found.next_attempt_at === null ? [] : [`tried again at ${pointInTime(found.next_attempt_at)}`];
  return [table([MESSAGES, messageLine(found)]), '', ...(tries.length === 0 ? ['not tried yet'] : tries), ...next];
}

const MESSAGES = ['MESSAGE', 'STATE', 'TRIES', 'EVENT', 'ABOUT', 'MADE'];

const messageLine = ({ id, state, attempts, type, subject, created_at }: Message): string[] => [
  id,
  state,
  String(attempts),
  type,
  subject,
  pointInTime(created_at),
];

/** Lists the newest messages to a receiver. */
export async function listMessages(
  client: Client,
  terminal: Terminal,
  { webhook: id, state }: { readonly webhook: string; readonly state?: string | undefined },
): Promise<void> {
  const query = { limit: SHOWN, ...(state !== undefined && { state }) };
  const { items } = await client.call(messages, 'GET', pathOf(id, '/messages'), { query });
  terminal.result({ items }, () => (items.length === 0 ? 'No message.' : table([MESSAGES, ...items.map(messageLine)])));
}

/** Sends one message again, or all to a receiver that failed. */
export async function redeliver(client: Client, terminal: Terminal, id: string): Promise<void> {
  if (id.startsWith('msg_')) {
    const again = await client.call(message, 'POST', `/v1/messages/${encodeURIComponent(id)}/redeliver`, { json: {} });
    terminal.result(again, () => `${again.id} is sent again.`);
    return;
  }
  let count = 0;
  for (let more = true; more; ) {
    const found = await client.call(z.looseObject(redeliveryView.shape), 'POST', pathOf(id, '/redeliver'), {
      json: {},
    });
    count += found.messages;
    more = found.more && found.messages > 0;
  }
  terminal.result({ messages: count }, () => `${count} ${count === 1 ? 'message is' : 'messages are'} sent again.`);
}

/** Lets a receiver be told, or not any more. */
export async function setWebhookState(
  client: Client,
  terminal: Terminal,
  { webhook: id, state }: { readonly webhook: string; readonly state: 'enabled' | 'disabled' },
): Promise<void> {
  const changed = await client.call(webhook, 'PATCH', pathOf(id), { json: { state } });
  terminal.result(changed, () => `${changed.id} is ${changed.state}.`);
}

/** Forgets a receiver and what it was told. */
export async function removeWebhook(client: Client, terminal: Terminal, id: string): Promise<void> {
  await client.send('DELETE', pathOf(id));
  terminal.result({ removed: id }, () => `${id} is removed.`);
}
