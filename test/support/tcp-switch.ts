import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** An address that leads to one of several servers, as a virtual address in front of two databases does. */
export type TcpSwitch = {
  readonly port: number;
  /** Cuts whatever is connected and leads to this port of the machine from then on; null: nobody is there. */
  readonly lead: (port: number | null) => void;
  /** From then on what is sent goes nowhere, in one direction or both, and nobody is told. */
  readonly lose: (what: 'requests' | 'all') => void;
  readonly close: () => Promise<void>;
};

export async function startTcpSwitch(): Promise<TcpSwitch> {
  let target: number | null = null;
  let lost: 'nothing' | 'requests' | 'all' = 'nothing';
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    if (target === null) {
      client.destroy();
      return;
    }
    const upstream = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true });
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        open.delete(socket);
        other.destroy();
      });
      socket.on('data', (chunk: Buffer) => {
        const passes = lost === 'nothing' || (lost === 'requests' && socket === upstream);
        if (passes && !other.write(chunk)) {
          socket.pause();
          other.once('drain', () => socket.resume());
        }
      });
      socket.on('end', () => {
        if (lost !== 'all') other.end();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    for (const socket of open) socket.destroy();
  };
  return {
    // A listening TCP server has an address of this kind.
    port: (server.address() as AddressInfo).port,
    lead: (port) => {
      target = port;
      lost = 'nothing';
      cut();
    },
    lose: (what) => {
      lost = what;
    },
    close: async () => {
      server.close();
      cut();
      await once(server, 'close');
    },
  };
}
