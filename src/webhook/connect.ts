import { type LookupAddress, lookup } from 'node:dns';
import { isIP, type LookupFunction, connect as openSocket, type Socket } from 'node:net';
import { connect as openTls } from 'node:tls';
import type { buildConnector } from 'undici';
import type { AddressRule } from './address.ts';
import { mayReach, type Place, refusal } from './target.ts';

export type ConnectOptions = Guard & {
  /** Certificate authorities to trust instead of the system's. */
  readonly ca?: string | undefined;
};

/** What a connection may reach, and how long it may take to be made. */
export type Guard = {
  readonly target: Pick<Place, 'exceptional' | 'port'>;
  readonly rule: AddressRule;
  readonly resolve: Resolve;
  /** Ends a connection that is still being made. */
  readonly signal: AbortSignal;
};

/** Every address of a name. */
export type Resolve = (host: string) => Promise<readonly LookupAddress[]>;

/** The operating system's resolver. */
export const systemResolve: Resolve = (host) =>
  new Promise((resolve, reject) => {
    lookup(host, { all: true }, (error, addresses) => (error === null ? resolve(addresses) : reject(error)));
  });

/** A connector for undici that reaches nothing but what the rule admits. */
export function guardedConnector(options: ConnectOptions): buildConnector.connector {
  return ({ hostname, protocol, port }, callback) => {
    const host = hostname.replace(/^\[|\]$/g, '');
    openGuarded({ host, port: Number(port) || options.target.port }, options).then(
      (socket) => {
        if (protocol === 'https:') return secure(socket, { host, ca: options.ca }, callback);
        callback(null, socket);
      },
      (error: Error) => callback(error, null),
    );
  };
}

/**
 * Connects to nothing but what the rule admits: addresses are filtered when a name is looked up, and the one that
 * answers is judged again before TLS begins or a byte is written, so that a name that changes between two look-ups gains
 * nothing.
 * @throws TidemarkError `blocked-address` or `invalid-body`; whatever else keeps it from being connected.
 */
export function openGuarded(to: { readonly host: string; readonly port: number }, guard: Guard): Promise<Socket> {
  const { target, rule, signal } = guard;
  return new Promise((resolve, reject) => {
    // A head and a body that are written one after the other would else wait for each other's acknowledgement: 40 ms.
    const socket = openSocket({ ...to, signal, noDelay: true, lookup: guardedLookup(guard, to.port) });
    const fail = (error: Error): void => {
      socket.destroy();
      reject(error);
    };
    socket.once('error', fail);
    socket.once('connect', () => {
      const reach = rule(socket.remoteAddress ?? '', to.port);
      if (!mayReach(target, reach)) return fail(refusal(target, [reach]));
      socket.off('error', fail);
      resolve(socket);
    });
  });
}

function secure(
  socket: Socket,
  to: { host: string; ca?: string | undefined },
  callback: buildConnector.Callback,
): void {
  const name = isIP(to.host) === 0 ? { servername: to.host } : { host: to.host };
  const tls = openTls({ socket, ...name, ALPNProtocols: ['http/1.1'], ...(to.ca === undefined ? {} : { ca: to.ca }) });
  const fail = (error: Error): void => {
    tls.destroy();
    callback(error, null);
  };
  tls.once('error', fail);
  tls.once('secureConnect', () => {
    tls.off('error', fail);
    callback(null, tls);
  });
}

/** Not called for literal addresses, which is why the connected address is judged as well. */
function guardedLookup({ target, rule, resolve }: Guard, port: number): LookupFunction {
  return (host, asked, callback) => {
    resolve(host).then(
      (found) => {
        const good = found.filter(({ address }) => mayReach(target, rule(address, port)));
        const first = good[0];
        if (first === undefined) {
          const reaches = found.map(({ address }) => rule(address, port));
          callback(found.length === 0 ? unknownHost(host) : refusal(target, reaches), '');
        } else if (asked.all === true) callback(null, good);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, ''),
    );
  };
}

const unknownHost = (host: string): Error => Object.assign(new Error(`no address for ${host}`), { code: 'ENOTFOUND' });
