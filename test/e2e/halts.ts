import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import postgres from 'postgres';
import { Webhook } from 'standardwebhooks';
import { until } from './service.ts';

/** A place at which a service is held, from outside, so that it can be killed exactly there. */
export type Halt = {
  readonly name: string;
  readonly set: () => Promise<void>;
  /** Resolves when the service has come there; it gets no further. */
  readonly reached: () => Promise<void>;
  readonly clear: () => Promise<void>;
};

/** Where a row is written; with `at: 'commit'`, where everything of its transaction is written and nothing committed. */
export type Place = {
  readonly table: string;
  readonly on: 'insert' | 'update' | 'delete';
  /** In SQL, over `new` and `old`. */
  readonly when: string;
  readonly at?: 'commit';
};

export type Barrier = {
  readonly halt: (name: string, place: Place) => Halt;
  /** Where a job that has been claimed comes to read a table. */
  readonly reading: (name: string, of: { readonly job: string; readonly table: string }) => Halt;
  /** Ends what a killed service had begun, and lets its leases run out. */
  readonly bury: () => Promise<void>;
  readonly end: () => Promise<void>;
};

/** Any number that nothing else locks. */
const LOCK = 7_032_024;

/** By which our own connections are told from the service's. */
const NAME = 'halts';

/** Holds a service at its database. */
export function openBarrier(url: string): Barrier {
  const options = { max: 1, onnotice: () => {}, connection: { application_name: NAME } };
  // One connection each: a lock belongs to a session.
  const sql = postgres(url, options);
  const reader = postgres(url, options);
  const others = sql`datname = current_database() and application_name <> ${NAME}`;
  return {
    halt: (name, { table, on, when, at }) => ({
      name,
      set: async () => {
        await sql`select pg_advisory_lock(${LOCK})`;
        await sql.unsafe(`create function hold() returns trigger language plpgsql as $$ begin
          if ${when} then perform pg_advisory_xact_lock(${LOCK}); end if;
          return ${on === 'delete' ? 'old' : 'new'};
        end $$`);
        const trigger =
          at === 'commit'
            ? `create constraint trigger hold after ${on} on ${table} deferrable initially deferred`
            : `create trigger hold before ${on} on ${table}`;
        await sql.unsafe(`${trigger} for each row execute function hold()`);
      },
      reached: async () => {
        await until(`the service to come to where ${name}`, async () => {
          const waiting = await sql`select 1 from pg_locks where locktype = 'advisory' and not granted
            and database = (select oid from pg_database where datname = current_database())`;
          return waiting.length > 0 ? true : null;
        });
      },
      clear: async () => {
        await sql`drop function hold() cascade`;
        await sql`select pg_advisory_unlock(${LOCK})`;
      },
    }),
    reading: (name, { job, table }) => ({
      name,
      set: async () => {
        await reader.unsafe(`begin; lock table ${table} in access exclusive mode`);
      },
      reached: async () => {
        await until(`the service to come to where ${name}`, async () => {
          const waiting = await sql`select 1 from pg_locks where relation = ${table}::regclass and not granted
            and exists (select 1 from jobs where name = ${job} and state = 'active')`;
          return waiting.length > 0 ? true : null;
        });
      },
      clear: async () => {
        await reader.unsafe('rollback');
      },
    }),
    bury: async () => {
      // That the other end is gone is not seen by a backend that waits for a lock.
      await sql`select pg_terminate_backend(pid) from pg_stat_activity where ${others}`;
      await until('the connections of the killed service to end', async () => {
        const left = await sql`select 1 from pg_stat_activity where ${others}`;
        return left.length === 0 ? true : null;
      });
      // No other worker lives: what the killed one held is free once its lease is over, which is not waited for.
      await sql`update jobs set lease_until = now() - interval '1 second' where state = 'active'`;
    },
    end: async () => {
      await Promise.all([sql.end(), reader.end()]);
    },
  };
}

type Heard = { readonly id: string; readonly type: string; readonly body: string };

/** A receiver that a service may be held at: it accepts and reads nothing, or reads and answers nothing. */
export type HoldingReceiver = {
  readonly url: string;
  readonly trust: (secret: string) => void;
  /** Everything that came and was verified, repetitions too. */
  readonly heard: readonly Heard[];
  readonly connected: () => Halt;
  readonly sent: (type: string) => Halt;
  readonly close: () => Promise<void>;
};

export async function startHoldingReceiver(): Promise<HoldingReceiver> {
  const heard: Heard[] = [];
  const deaf = new Set<Socket>();
  let webhook = new Webhook(Buffer.alloc(24).toString('base64'));
  let onConnection: (() => void) | null = null;
  let mute: { readonly type: string; readonly reached: () => void } | null = null;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (deaf.has(request.socket)) return;
      const body = Buffer.concat(chunks).toString();
      // Node joins what a header says; these come once.
      const { type } = webhook.verify(body, request.headers as Record<string, string>) as { type: string };
      heard.push({ id: String(request.headers['webhook-id']), type, body });
      if (mute?.type === type) return mute.reached();
      response.writeHead(204).end();
    });
  });
  server.on('connection', (socket) => {
    socket.on('error', () => socket.destroy());
    if (onConnection === null) return;
    deaf.add(socket);
    onConnection();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A listening TCP server has an address of this kind.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    trust: (secret) => {
      webhook = new Webhook(secret);
    },
    heard,
    connected: () => {
      const reached = Promise.withResolvers<void>();
      return {
        name: 'a delivery is connected',
        set: async () => {
          onConnection = reached.resolve;
        },
        reached: () => reached.promise,
        clear: async () => {
          onConnection = null;
        },
      };
    },
    sent: (type) => {
      const reached = Promise.withResolvers<void>();
      return {
        name: 'a delivery is sent and not answered',
        set: async () => {
          mute = { type, reached: reached.resolve };
        },
        reached: () => reached.promise,
        clear: async () => {
          mute = null;
        },
      };
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
