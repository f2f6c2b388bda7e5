import type { Context } from '../../context.ts';
import { isDirectoryOid, type Oid } from '../../dvc/hash.ts';
import type { Layout } from '../../dvc/path.ts';
import { TidemarkError } from '../../errors.ts';
import type { Db } from '../../store/postgres/db.ts';
import {
  type Asker,
  forgetUnknownFolder,
  judgeLegacyFolder,
  judgeStandings,
  noteBeginning,
  noteQuestions,
  noteReading,
  noteReadingEnd,
  type Standing,
  UNKNOWN_FOLDER,
  wasReading,
} from '../../store/push/remote-questions.ts';
import { type Actor, mayDo } from '../access/actor.ts';
import { Gathering } from '../gathering.ts';
import { nameOfPusher, type Pusher } from './pusher.ts';

/** What a client asks a dataset's remote for. */
export type Question = {
  /** Under its name in the project; a folder of DVC 2 under the name that it has there. */
  readonly oid: Oid;
  readonly layout: Layout;
  /**
   * `whole`: a plain GET, by which `dvc` asks whether something exists, and fetches it. `part`: a HEAD or a range, or a
   * GET in their place, by which it only ever reads what it knows or hopes to be there.
   */
  readonly manner: 'whole' | 'part';
};

/** What is asked for, once it is found. The list of a folder of DVC 2 is an object that is called as a file's. */
export function questionOf(
  asked: Omit<Question, 'manner'>,
  found: { readonly oid: Oid },
  manner: Question['manner'],
): Question {
  return { ...asked, oid: isDirectoryOid(asked.oid) ? asked.oid : found.oid, manner };
}

type Asking = Pick<Context, 'db' | 'log' | 'now'>;

/** What this process remembers of a client so as not to ask the database each time (epoch ms). */
type Visitor = {
  /** When it was last seen to read. */
  readAt: number;
  /** When that was last noted in the database. */
  readonly noted: { reading: number; since: number; folders: number };
  /** Its reading, or the end of it, on its way to the database. */
  noting: Promise<void>;
  /** Files that it asked for in vain, and sent; whether it was noted that it sent more than it asked for. */
  readonly files: { inVain: number; sent: number; unasked: boolean };
};

/** Shorter than the database takes it for, by what is noted late. */
const READING_MILLISECONDS = 45_000;
const NOTED_MILLISECONDS = 10_000;
/** So long after its start, a server may be sent what its client could not ask for. */
const YOUNG_MILLISECONDS = 60_000;
const HOUR_MILLISECONDS = 3_600_000;
/** Of one client within an hour: what asks for more folders than any history has is no `dvc`. */
const MOST_FOLDERS = 10_000;
const MOST_VISITORS = 10_000;
const MOST_TOGETHER = 500;
const NEVER = Number.NEGATIVE_INFINITY;

/**
 * Tells pushes from reading in a dataset's remote, where both begin with the same question. `dvc push` sends nothing
 * that it is told exists, so what the project holds and the dataset does not is not there for it: it is sent once more
 * (the bytes are kept once) and becomes a version. Whoever reads gets all that the project holds, so that a `.dvc` file
 * can be pulled through the remote of another dataset. By what `dvc` 3 sends:
 *
 * - `fetch` and `pull` begin with a GET of the remote itself, and every reader of a folder with a HEAD of it. A push asks
 *   for a folder by GET first, and looks for its list by HEAD then, when it begins to send its files.
 * - A reader reads until it is known to have ended, or has asked for nothing for a while: a fetch that finds all it
 *   wants here sends no more than its beginning, and a push that comes soon after it asks as it would have gone on.
 * - Whoever may not write reads.
 * - A file of a folder that the client asked for, or is about to send and nobody knows yet, is there: the folder will
 *   list it. If it does not, the file was pushed by itself and becomes a version with the folder (`takeWishes`).
 *
 * `status --cloud` is answered as a push, and so says truly what a push would send; it makes no version of anything.
 * `get`, `import` and `api.open` of one single file show no sign of reading; with a key that may write, they find
 * what their dataset has. All is noted in the database before it is answered: the next request may reach another server.
 */
export class RemoteQuestions {
  readonly #ctx: Asking;
  readonly #visitors = new Map<string, Visitor>();
  readonly #judging: Gathering<Asked, Standing>;
  readonly #wishing: Gathering<Asked, Oid>;
  readonly #bornAt: number;

  constructor(ctx: Asking) {
    this.#ctx = ctx;
    this.#bornAt = ctx.now().getTime();
    this.#judging = new Gathering((items) => judgeTogether(ctx.db, items), MOST_TOGETHER);
    this.#wishing = new Gathering((items) => wishTogether(ctx.db, items), MOST_TOGETHER);
  }

  /** The client has asked for the remote itself: it is about to fetch. */
  async reads(pusher: Pusher): Promise<void> {
    const visitor = this.#visitorOf(pusher);
    const now = this.#ctx.now().getTime();
    visitor.readAt = now;
    if (isWithin(NOTED_MILLISECONDS, visitor.noted.reading, now)) return;
    visitor.noted.reading = now;
    const noting = visitor.noting.then(() => noteReading(this.#ctx.db, askerOf(pusher)));
    visitor.noting = noting.catch(() => {});
    await noting;
  }

  /** Whether the client is known to read from the remote: it asked for the remote itself a moment ago, of any server. */
  async isReader(pusher: Pusher): Promise<boolean> {
    return this.#isReading(pusher) || (await wasReading(this.#ctx.db, askerOf(pusher)));
  }

  /** A reader has got what may have taken long, and goes on now. */
  finished(pusher: Pusher): void {
    this.reads(pusher).catch((error: unknown) => this.#ctx.log.warn({ err: error }, 'a reader could not be noted'));
  }

  /** The client is known to have ended. What asks next as it did is another, and may be a push. */
  ended(pusher: Pusher): void {
    if (!this.#isReading(pusher)) return;
    const visitor = this.#visitorOf(pusher);
    visitor.readAt = NEVER;
    visitor.noted.reading = NEVER;
    visitor.noting = visitor.noting
      .then(() => noteReadingEnd(this.#ctx.db, askerOf(pusher)))
      .catch((error: unknown) => this.#ctx.log.warn({ err: error }, 'the end of a reader could not be noted'));
  }

  /** The client asked for a folder that the project does not hold, or not whole. */
  async missed(pusher: Pusher, { oid, manner }: Question): Promise<void> {
    if (manner === 'whole') await this.#asksAgain(pusher);
    if (!isDirectoryOid(oid)) return this.#missedFile(pusher);
    if (manner === 'part') await noteBeginning(this.#ctx.db, askerOf(pusher), oid);
    else await this.#noteFolder(pusher, oid, true);
  }

  /**
   * The client sends a file. `dvc` asks for each before that, and for its folder; of a server that was away it takes no
   * answer for "it is not there", and sends the files as soon as the server is back. Where one of them does not come
   * then, the folder does not either, and nobody has heard of it.
   */
  async sends(pusher: Pusher, oid: Oid): Promise<void> {
    if (isDirectoryOid(oid) || !isWithin(YOUNG_MILLISECONDS, this.#bornAt, this.#ctx.now().getTime())) return;
    const { files } = this.#visitorOf(pusher);
    files.sent++;
    if (files.unasked || files.sent <= files.inVain) return;
    files.unasked = true;
    await noteQuestions(this.#ctx.db, askerOf(pusher), [UNKNOWN_FOLDER], true);
  }

  /**
   * Lets a client have an object that the project holds, or tells it that the dataset has none such.
   * @returns whether it is known to read from the remote.
   * @throws TidemarkError `not-found`.
   */
  async admit(pusher: Pusher, actor: Actor, question: Question): Promise<boolean> {
    const { oid, layout, manner } = question;
    const folder = isDirectoryOid(oid);
    if (!mayDo(actor, 'data:write')) return false;
    if (!this.#isReading(pusher)) {
      if (manner === 'part' && !folder) return false;
      const asker = askerOf(pusher);
      await this.#visitors.get(keyOf(pusher))?.noting;
      const standing =
        folder && layout === 'legacy'
          ? await judgeLegacyFolder(this.#ctx.db, asker, oid)
          : await this.#judging.add(JSON.stringify(asker), { asker, oid });
      if (!standing.reading) {
        await (manner === 'part' ? this.#loaded(pusher, standing) : this.#asked(pusher, question, standing));
        return false;
      }
    }
    await this.reads(pusher);
    return true;
  }

  /** A folder's list is read: to push what it lists, where the folder was asked for, else to fetch it. */
  async #loaded(pusher: Pusher, { oid, here, askedBefore }: Standing): Promise<void> {
    if (!askedBefore) await this.reads(pusher);
    else if (!here) await noteBeginning(this.#ctx.db, askerOf(pusher), oid);
  }

  async #asked(pusher: Pusher, { oid, layout }: Question, standing: Standing): Promise<void> {
    await this.#asksAgain(pusher);
    const folder = isDirectoryOid(oid);
    const perhapsListed = !folder && (standing.listed || standing.perhapsListed);
    const there = standing.here || perhapsListed;
    if (folder) await this.#noteFolder(pusher, oid, !there);
    else if (!standing.here && !standing.listed && perhapsListed && layout === 'files-md5') {
      const asker = askerOf(pusher);
      await this.#wishing.add(JSON.stringify(asker), { asker, oid });
    }
    if (there) return;
    if (!folder) this.#missedFile(pusher);
    throw notHere(oid, pusher.dataset);
  }

  /** What was sent unasked is sent for again: the folder, if there is one, is asked for by its name now. */
  async #asksAgain(pusher: Pusher): Promise<void> {
    const { files } = this.#visitorOf(pusher);
    if (!files.unasked) return;
    Object.assign(files, { inVain: 0, sent: 0, unasked: false });
    await forgetUnknownFolder(this.#ctx.db, askerOf(pusher));
  }

  #missedFile(pusher: Pusher): void {
    this.#visitorOf(pusher).files.inVain++;
  }

  async #noteFolder(pusher: Pusher, folder: Oid, inVain: boolean): Promise<void> {
    const { noted } = this.#visitorOf(pusher);
    const now = this.#ctx.now().getTime();
    if (now - noted.since > HOUR_MILLISECONDS) Object.assign(noted, { since: now, folders: 0 });
    if (noted.folders++ < MOST_FOLDERS) await noteQuestions(this.#ctx.db, askerOf(pusher), [folder], inVain);
  }

  #isReading(pusher: Pusher): boolean {
    const visitor = this.#visitors.get(keyOf(pusher));
    return visitor !== undefined && isWithin(READING_MILLISECONDS, visitor.readAt, this.#ctx.now().getTime());
  }

  #visitorOf(pusher: Pusher): Visitor {
    const key = keyOf(pusher);
    const known = this.#visitors.get(key) ?? newVisitor();
    // The one that was looked for longest ago goes first.
    this.#visitors.delete(key);
    this.#visitors.set(key, known);
    const [oldest] = this.#visitors.keys();
    if (this.#visitors.size > MOST_VISITORS && oldest !== undefined) this.#visitors.delete(oldest);
    return known;
  }
}

/** A clock that was set back would else leave a client a reader until it has caught up. */
const isWithin = (milliseconds: number, at: number, now: number): boolean => Math.abs(now - at) < milliseconds;

const newVisitor = (): Visitor => ({
  readAt: NEVER,
  noted: { reading: NEVER, since: NEVER, folders: 0 },
  noting: Promise.resolve(),
  files: { inVain: 0, sent: 0, unasked: false },
});

type Asked = { readonly asker: Asker; readonly oid: Oid };

async function wishTogether(db: Db, items: readonly Asked[]): Promise<Oid[]> {
  const oids = items.map(({ oid }) => oid);
  if (items[0] !== undefined) await noteQuestions(db, items[0].asker, oids, false);
  return oids;
}

async function judgeTogether(db: Db, items: readonly Asked[]): Promise<Standing[]> {
  const [first] = items;
  if (first === undefined) return [];
  const standings = await judgeStandings(db, first.asker, [...new Set(items.map(({ oid }) => oid))]);
  return items.map(({ oid }) => {
    const standing = standings.get(oid);
    if (standing === undefined) throw new Error(`${oid} was not judged`);
    return standing;
  });
}

const keyOf = (pusher: Pusher): string => JSON.stringify(askerOf(pusher));

function askerOf(pusher: Pusher): Asker {
  return { projectId: pusher.projectId, dataset: pusher.dataset, pusher: nameOfPusher(pusher) };
}

function notHere(oid: Oid, dataset: string): TidemarkError {
  return new TidemarkError(
    'not-found',
    `The dataset "${dataset}" has no object ${oid}, which the project holds for others; push it, or read it with a key that only reads.`,
  );
}
