import type { Context } from '../../context.ts';
import type { Oid } from '../../dvc/hash.ts';
import { isTidemarkError } from '../../errors.ts';
import { findDataset, lockDataset } from '../../store/dataset/datasets.ts';
import { enqueue } from '../../store/jobs/jobs.ts';
import { type Db, transact } from '../../store/postgres/db.ts';
import {
  openPushSession,
  type PushLayout,
  prolongPushSessions,
  type RefusedObject,
  recordPushed,
  recordRefused,
} from '../../store/push/pushes.ts';
import type { Alongside, HeldObject } from '../object/bind-object.ts';
import { nameOfPusher, type Pusher } from './pusher.ts';

/** What a client calls an object that it sends. */
export type Sent = { readonly layout: PushLayout; readonly name: Oid };

type Following = Pick<Context, 'config' | 'db' | 'log' | 'newId' | 'now'>;

/** What this process knows of a pusher; all that must outlive it is in the database. */
type Visitor = {
  readonly key: string;
  readonly pusher: Pusher;
  /** The session that was open when it was last looked for; null where there is no dataset yet. */
  session: Promise<string | null>;
  uploads: number;
  /** What was refused before there was a session to note it in. */
  readonly refused: RefusedObject[];
};

const MOST_REFUSED = 100;
const MOST_VISITORS = 10_000;
const NONE: Promise<null> = Promise.resolve(null);

/**
 * Follows what clients send to a dataset's remote. A session is opened by its first upload, or, where there is no
 * dataset yet, with the first object that is taken: what is refused makes none. Each object is noted in the transaction
 * that takes it.
 */
export class PushSessions {
  readonly #ctx: Following;
  readonly #visitors = new Map<string, Visitor>();
  #beating: NodeJS.Timeout | null = null;

  constructor(ctx: Following) {
    this.#ctx = ctx;
  }

  /** Runs an upload as part of its pusher's session; `upload` writes what it is given along with the object. */
  async follow(pusher: Pusher, sent: Sent, upload: (alongside: Alongside) => Promise<HeldObject>): Promise<HeldObject> {
    const visitor = this.#visitorOf(pusher);
    visitor.uploads++;
    this.#beat();
    try {
      await this.#ready(visitor);
      const held = await upload({ key: visitor.key, write: (tx, taken) => this.#record(tx, visitor, sent, taken) });
      await this.#noteRefused(visitor);
      return held;
    } catch (error) {
      await this.#refused(visitor, sent, error);
      throw error;
    } finally {
      visitor.uploads--;
    }
  }

  #visitorOf(pusher: Pusher): Visitor {
    const key = JSON.stringify([pusher.projectId, pusher.dataset, nameOfPusher(pusher)]);
    const visitor = this.#visitors.get(key) ?? { key, pusher, session: NONE, uploads: 0, refused: [] };
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

  /** Opens the visitor's session where there is none and its dataset exists. */
  async #ready(visitor: Visitor): Promise<void> {
    const known = visitor.session;
    if ((await known) !== null) return;
    // Uploads begin side by side: the first one opens the session for all.
    if (visitor.session === known) {
      visitor.session = this.#openKnown(visitor);
      visitor.session.catch(() => {
        visitor.session = NONE;
      });
    }
    await visitor.session;
  }

  async #openKnown(visitor: Visitor): Promise<string | null> {
    const { projectId, dataset } = visitor.pusher;
    if ((await findDataset(this.#ctx.db, projectId, dataset)) === null) return null;
    return transact(this.#ctx.db, (tx) => this.#open(tx, visitor));
  }

  async #open(tx: Db, visitor: Visitor): Promise<string> {
    const { projectId, dataset, author, address, agent } = visitor.pusher;
    const { id: datasetId } = await lockDataset(tx, projectId, dataset);
    const pusher = nameOfPusher(visitor.pusher);
    const row = { id: this.#ctx.newId('push'), projectId, datasetId, pusher, author, address, agent };
    const { id, created } = await openPushSession(tx, row, this.#quietSeconds());
    if (created) await enqueueSettling(tx, id, this.#quietSeconds());
    return id;
  }

  /** Notes objects that were taken. What comes under a name of DVC 2 comes alone; any other object has its own name. */
  async #record(tx: Db, visitor: Visitor, { layout, name }: Sent, held: readonly HeldObject[]): Promise<void> {
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
    if (visitor.refused.length < MOST_REFUSED) visitor.refused.push({ ...sent, code, detail: message });
    await this.#noteRefused(visitor);
  }

  async #noteRefused(visitor: Visitor): Promise<void> {
    try {
      for (let refused = visitor.refused.shift(); refused !== undefined; refused = visitor.refused.shift()) {
        const id = await visitor.session;
        if (id !== null && (await recordRefused(this.#ctx.db, id, refused))) continue;
        visitor.refused.unshift(refused);
        if (id === null) return;
        // It was settled meanwhile: what is refused now is of the next one.
        visitor.session = NONE;
        await this.#ready(visitor);
      }
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
