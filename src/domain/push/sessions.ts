import type { Context } from '../../context.ts';
import type { Oid } from '../../dvc/hash.ts';
import { isTidemarkError } from '../../errors.ts';
import { lockDataset } from '../../store/datasets.ts';
import { enqueue } from '../../store/jobs.ts';
import { type Db, transact } from '../../store/postgres/db.ts';
import {
  awaitFolders,
  openPushSession,
  type PushLayout,
  prolongPushSessions,
  recordPushed,
  recordRefused,
} from '../../store/pushes.ts';
import type { Alongside, HeldObject } from '../object/bind-object.ts';
import { nameOfPusher, type Pusher } from './pusher.ts';

/** What a client calls an object that it sends. */
export type Sent = { readonly layout: PushLayout; readonly name: Oid };

type Following = Pick<Context, 'config' | 'db' | 'log' | 'newId' | 'now'>;

/** What this process knows of a pusher; all that must outlive it is in the database. */
type Visitor = {
  readonly key: string;
  readonly pusher: Pusher;
  /** The session that was open when it was last looked for. */
  session: Promise<string> | null;
  uploads: number;
  /** Folders that were asked for in vain, and when (epoch ms); not yet noted in a session. */
  readonly asked: Map<Oid, number>;
};

/** Who asks for a folder and sends nothing for so long was not about to push it. */
const ASKED_MILLISECONDS = 600_000;
const MOST_ASKED = 1000;
const MOST_VISITORS = 10_000;

/**
 * Follows what clients send to a dataset's remote. A session is opened by its first upload; each object is noted in
 * the transaction that takes it; what a client only asks for writes nothing.
 */
export class PushSessions {
  readonly #ctx: Following;
  readonly #visitors = new Map<string, Visitor>();
  #beating: NodeJS.Timeout | null = null;

  constructor(ctx: Following) {
    this.#ctx = ctx;
  }

  /** A client asked for a folder that is not there. `dvc` does before it sends one, and its files come first. */
  askedInVain(pusher: Pusher, folder: Oid): void {
    const { asked } = this.#visitorOf(pusher);
    if (asked.size < MOST_ASKED) asked.set(folder, this.#ctx.now().getTime());
  }

  /** Runs an upload as part of its pusher's session; `upload` writes what it is given along with the object. */
  async follow(pusher: Pusher, sent: Sent, upload: (alongside: Alongside) => Promise<HeldObject>): Promise<HeldObject> {
    const visitor = this.#visitorOf(pusher);
    visitor.uploads++;
    this.#beat();
    try {
      await this.#ready(visitor);
      return await upload({ key: visitor.key, write: (tx, held) => this.#record(tx, visitor, { sent, held }) });
    } catch (error) {
      await this.#refused(visitor, sent, error);
      throw error;
    } finally {
      visitor.uploads--;
    }
  }

  #visitorOf(pusher: Pusher): Visitor {
    const key = JSON.stringify([pusher.projectId, pusher.dataset, nameOfPusher(pusher)]);
    const visitor = this.#visitors.get(key) ?? { key, pusher, session: null, uploads: 0, asked: new Map() };
    // The one that was looked for longest ago goes first, unless it is at work.
    this.#visitors.delete(key);
    this.#visitors.set(key, visitor);
    if (this.#visitors.size > MOST_VISITORS) this.#forgetOne();
    return visitor;
  }

  #forgetOne(): void {
    for (const [key, { uploads }] of this.#visitors) {
      if (uploads > 0) continue;
      this.#visitors.delete(key);
      return;
    }
  }

  /** Opens the visitor's session where there is none, and notes what was asked for since. */
  async #ready(visitor: Visitor): Promise<void> {
    const asked = this.#takeAsked(visitor);
    const id = await visitor.session;
    if (id !== null && (asked.length === 0 || (await awaitFolders(this.#ctx.db, id, asked)))) return;
    // Uploads begin side by side: the first one opens the session for all.
    if (id === null || visitor.session === null || (await visitor.session) === id) {
      visitor.session = transact(this.#ctx.db, (tx) => this.#open(tx, visitor, asked));
      visitor.session.catch(() => {
        visitor.session = null;
      });
    }
    await visitor.session;
  }

  async #open(tx: Db, visitor: Visitor, awaited: Oid[] = []): Promise<string> {
    const { projectId, dataset, author, address, agent } = visitor.pusher;
    const { id: datasetId } = await lockDataset(tx, projectId, dataset);
    const pusher = nameOfPusher(visitor.pusher);
    const row = { id: this.#ctx.newId('push'), projectId, datasetId, pusher, author, address, agent, awaited };
    const { id, created } = await openPushSession(tx, row, this.#quietSeconds());
    if (created) await enqueueSettling(tx, id, this.#quietSeconds());
    return id;
  }

  #takeAsked(visitor: Visitor): Oid[] {
    const since = this.#ctx.now().getTime() - ASKED_MILLISECONDS;
    const asked = [...visitor.asked].filter(([, at]) => at >= since).map(([folder]) => folder);
    visitor.asked.clear();
    return asked;
  }

  /** Notes objects that were taken. What comes under a name of DVC 2 comes alone; any other object has its own name. */
  async #record(
    tx: Db,
    visitor: Visitor,
    { sent: { layout, name }, held }: { sent: Sent; held: readonly HeldObject[] },
  ): Promise<void> {
    const pushed = held.map(({ oid, size, existed }) => ({
      layout,
      name: layout === 'legacy' ? name : oid,
      oid,
      size,
      state: existed ? ('held' as const) : ('new' as const),
    }));
    const id = await visitor.session;
    if (id !== null && (await recordPushed(tx, id, pushed))) return;
    // It was settled meanwhile: this object begins the next one.
    const next = await this.#open(tx, visitor);
    await recordPushed(tx, next, pushed);
    // Not to be relied on before the transaction commits; whoever finds it missing opens one again.
    visitor.session = Promise.resolve(next);
  }

  async #refused(visitor: Visitor, sent: Sent, error: unknown): Promise<void> {
    const { code, message } = isTidemarkError(error) ? error : { code: 'internal', message: 'Something went wrong.' };
    try {
      const id = await visitor.session;
      if (id !== null) await recordRefused(this.#ctx.db, id, { ...sent, code, detail: message });
    } catch (failure) {
      this.#ctx.log.warn({ err: failure }, 'a failed upload could not be noted in its push');
    }
  }

  /** While anything is being uploaded, tells the database so: a large file must not look like the end of a push. */
  #beat(): void {
    if (this.#beating !== null) return;
    const beat = (): void => {
      const busy = [...this.#visitors.values()].filter((visitor) => visitor.uploads > 0);
      if (busy.length === 0) this.#rest();
      this.#prolong(busy).catch((error: unknown) => this.#ctx.log.warn({ err: error }, 'prolonging pushes failed'));
    };
    this.#beating = setInterval(beat, this.#ctx.config.pushQuietMilliseconds / 3).unref();
  }

  #rest(): void {
    if (this.#beating !== null) clearInterval(this.#beating);
    this.#beating = null;
  }

  async #prolong(busy: readonly Visitor[]): Promise<void> {
    const opened = await Promise.all(busy.map(async ({ session }) => session));
    const ids = opened.filter((id) => id !== null);
    if (ids.length > 0) await prolongPushSessions(this.#ctx.db, ids, this.#quietSeconds());
  }

  #quietSeconds(): number {
    return this.#ctx.config.pushQuietMilliseconds / 1000;
  }
}

/** Has a session looked at again when it may be quiet. */
export async function enqueueSettling(tx: Db, pushId: string, delaySeconds: number): Promise<void> {
  await enqueue(tx, { name: 'settle-push', key: `push:${pushId}`, payload: { pushId }, delaySeconds });
}
