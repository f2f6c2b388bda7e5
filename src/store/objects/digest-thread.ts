import { createHash, type Hash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import { beginMd5, endMd5, type Md5Part, type Md5Stream, updateMd5 } from '../../compute/md5-lanes.ts';
import { type BlockSummer, createBlockSummer, type SummedDigests } from './block-sums.ts';

/** To the thread: bytes of a session in order, its end, or that nobody wants its digests any more. */
export type DigestRequest =
  | { readonly session: number; readonly kind: 'update'; readonly bytes: Uint8Array }
  | { readonly session: number; readonly kind: 'finish' | 'forget' };

/** Back from it: the oldest `update` of the session has been taken in, or the digests it ends with. */
export type DigestReply = { readonly session: number; readonly digests: SummedDigests | null };

type Session = {
  /** Begun with the second bytes: by then it is known whether others come at the same time. */
  md5: Md5Stream | null;
  /** A copy of the first bytes until then. */
  first: Uint8Array;
  readonly sha256: Hash;
  readonly summer: BlockSummer;
  size: number;
  /** What has arrived and waits for its turn. */
  readonly waiting: DigestRequest[];
};

const sessions = new Map<number, Session>();

parentPort?.on('message', (request: DigestRequest) => {
  const session = sessions.get(request.session) ?? begin(request.session);
  session.waiting.push(request);
  // Taken together with what has arrived besides: other sessions' bytes are digested beside its own.
  awaitTurns();
});

let awaited = false;

function awaitTurns(): void {
  if (!awaited) setImmediate(takeTurns);
  awaited = true;
}

function begin(id: number): Session {
  const session: Session = {
    md5: null,
    first: new Uint8Array(0),
    sha256: createHash('sha256'),
    summer: createBlockSummer(),
    size: 0,
    waiting: [],
  };
  sessions.set(id, session);
  return session;
}

/** The oldest request of each session. */
function takeTurns(): void {
  awaited = false;
  const updates: { id: number; session: Session; bytes: Uint8Array }[] = [];
  for (const [id, session] of sessions) {
    const request = session.waiting.shift();
    if (request?.kind === 'update') updates.push({ id, session, bytes: request.bytes });
    else if (request !== undefined) end(id, session, request.kind);
  }
  updateMd5(updates.flatMap(({ session, bytes }) => partOf(session, bytes)));
  for (const { id, session, bytes } of updates) {
    session.sha256.update(bytes);
    session.summer.update(bytes);
    session.size += bytes.byteLength;
    reply({ session: id, digests: null });
  }
  if ([...sessions.values()].some(({ waiting }) => waiting.length > 0)) awaitTurns();
}

/** Bytes for the MD5 of a session; none where they are kept for the beginning. */
function partOf(session: Session, bytes: Uint8Array): Md5Part[] {
  if (session.size > 0) return [{ stream: md5Of(session), bytes }];
  session.first = bytes.slice();
  return [];
}

function md5Of(session: Session): Md5Stream {
  if (session.md5 !== null) return session.md5;
  session.md5 = beginMd5(sessions.size <= 1);
  updateMd5([{ stream: session.md5, bytes: session.first }]);
  session.first = new Uint8Array(0);
  return session.md5;
}

function end(id: number, session: Session, kind: 'finish' | 'forget'): void {
  const { sha256, summer, size } = session;
  const md5 = kind === 'finish' ? endMd5(md5Of(session)) : '';
  sessions.delete(id);
  if (kind === 'forget') return;
  const digests = { md5, sha256: sha256.digest('hex'), size, blockSums: summer.sums() };
  reply({ session: id, digests });
}

function reply(answer: DigestReply): void {
  parentPort?.postMessage(answer);
}
