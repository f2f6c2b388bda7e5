import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** What a client last asked for on a connection, and whether all of it has left. */
type Asked = { readonly what: string; finished: boolean };

type Client = {
  readonly open: Map<Socket, Asked>;
  /** What it may be about to ask for once more: it has closed a connection on their answers. */
  readonly dropped: Set<string>;
  answeredAt: number;
};

export type Exchange = {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
};

/** Less than the time for which `aiohttp`, by which `dvc` asks, keeps a connection that it does not need (15 s). */
const IDLE_MILLISECONDS = 12_000;
const MOST_CLIENTS = 10_000;
const MOST_DROPPED = 10_000;

/** Of what proxies say where they ask for others: their connections come and go for reasons of their own. */
const FORWARDED = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip'];

/**
 * Tells when a client that keeps its connections has ended: it has closed the last of them, soon after an answer that it
 * took whole. A connection that it drops with an answer unread, one that has long been idle, and what comes by way of a
 * proxy say nothing.
 */
export class ClientConnections {
  readonly #now: () => number;
  readonly #clients = new Map<string, Client>();

  /** @param now milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Takes a request for a client's; `ended` is called when with its connection the client has ended. */
  follow(key: string, what: string, { incoming, outgoing }: Exchange, ended: () => void): void {
    const { socket } = incoming;
    if (!keepsConnections(incoming)) {
      // What was seen of it so far may have come by the same proxy.
      this.#clients.delete(key);
      return;
    }
    const client = this.#clientOf(key);
    if (!client.open.has(socket)) {
      socket.once('close', (failed) => {
        if (this.#closed(key, client, { socket, failed })) ended();
      });
    }
    const asked: Asked = { what, finished: false };
    client.open.set(socket, asked);
    outgoing.once('finish', () => {
      // It closes the connection on a HEAD that fails, and sends a GET in its place.
      if (outgoing.statusCode >= 400) return;
      asked.finished = true;
      client.dropped.delete(what);
      client.answeredAt = this.#now();
    });
  }

  /** @returns whether the client has ended. */
  #closed(key: string, client: Client, { socket, failed }: { socket: Socket; failed: boolean }): boolean {
    const last = client.open.get(socket);
    client.open.delete(socket);
    if (last === undefined || this.#clients.get(key) !== client) return false;
    // What is not read before a connection is closed makes it fail at this end.
    if (failed || !last.finished) client.dropped.add(last.what);
    if (client.open.size > 0 || client.dropped.size > 0) return false;
    this.#clients.delete(key);
    // Whom this end has left, as it does when the service stops, goes on elsewhere.
    return socket.readableEnded && this.#now() - client.answeredAt < IDLE_MILLISECONDS;
  }

  #clientOf(key: string): Client {
    const known = this.#clients.get(key);
    const stale = known !== undefined && (known.dropped.size > MOST_DROPPED || this.#isLongGone(known));
    const fresh = { open: new Map(), dropped: new Set<string>(), answeredAt: this.#now() };
    const client = known === undefined || stale ? fresh : known;
    // The one that was looked for longest ago goes first.
    this.#clients.delete(key);
    this.#clients.set(key, client);
    const [oldest] = this.#clients.keys();
    if (this.#clients.size > MOST_CLIENTS && oldest !== undefined) this.#clients.delete(oldest);
    return client;
  }

  #isLongGone({ open, answeredAt }: Client): boolean {
    return open.size === 0 && this.#now() - answeredAt > IDLE_MILLISECONDS;
  }
}

function keepsConnections({ headers, httpVersion }: IncomingMessage): boolean {
  if (httpVersion !== '1.1' || /\bclose\b/i.test(headers.connection ?? '')) return false;
  return FORWARDED.every((name) => headers[name] === undefined);
}
