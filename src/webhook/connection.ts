import { type buildConnector, Client, type Dispatcher } from 'undici';
import { type ConnectOptions, guardedConnector } from './connect.ts';
import type { Target } from './target.ts';

/** Bytes of an answer's head that are read. */
const MAX_HEAD = 16 * 1024;

/** What a connection that has done its work is ended with. Made once: the driver would make one, with its stack, each time. */
const OVER = new Error('the try is over');

export type ConnectionOptions = Pick<ConnectOptions, 'rule' | 'resolve' | 'ca'> & {
  /** Whether it is used for more than one request. */
  readonly kept: boolean;
};

/**
 * The way to one receiver, for one request at a time. It is connected when the first request is made, and again when
 * the receiver has hung up since; each time the address is judged.
 */
export class Connection {
  readonly origin: string;
  readonly #client: Client;
  #signal = new AbortController().signal;
  /** How often it was connected so far. */
  connected = 0;

  constructor(target: Target, { kept, ...guard }: ConnectionOptions) {
    this.origin = target.url.origin;
    const connect: buildConnector.connector = (to, callback) =>
      guardedConnector({ ...guard, target, signal: this.#signal })(to, (...[error, socket]) => {
        if (error === null) this.connected++;
        // One of the two is there, as it was handed in.
        if (error === null) callback(null, socket);
        else callback(error, null);
      });
    this.#client = new Client(this.origin, { connect, pipelining: kept ? 1 : 0, maxHeaderSize: MAX_HEAD });
  }

  /** Makes a request; its signal ends the connecting too. */
  request(options: Dispatcher.RequestOptions & { readonly signal: AbortSignal }): Promise<Dispatcher.ResponseData> {
    this.#signal = options.signal;
    return this.#client.request(options);
  }

  end(): Promise<void> {
    return this.#client.destroy(OVER);
  }
}

/**
 * Connections to one receiver that are used again by the deliveries of one endpoint, and by nobody else's. A kept one
 * is connected to an address that was judged when it was made.
 */
export class KeptConnections {
  #idle: Connection[] = [];

  /** One that is connected to there and that nobody uses. */
  take(origin: string): Connection | null {
    const found = this.#idle.pop() ?? null;
    if (found === null || found.origin === origin) return found;
    // The endpoint has another URL by now.
    void found.end();
    return this.take(origin);
  }

  /** Keeps one whose answer was read to its end. */
  give(connection: Connection): void {
    this.#idle.push(connection);
  }

  /** Ends those that nobody uses. */
  async end(): Promise<void> {
    const idle = this.#idle;
    this.#idle = [];
    await Promise.all(idle.map((connection) => connection.end()));
  }
}
