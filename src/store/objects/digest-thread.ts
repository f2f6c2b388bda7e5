import { createHash, type Hash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import { beginMd5, endMd5, LANES, type Md5Part, type Md5Stream, updateMd5 } from '../../compute/md5-lanes.ts';
import { type BlockSummer, createBlockSummer, type SummedDigests } from './block-sums.ts';

/** To the thread: bytes of a session in order, its end, or that nobody wants its digests any more. */
export type DigestRequest =
  | { readonly session: number; readonly kind: 'update'; readonly bytes: Uint8Array }
  | { readonly session: number; readonly kind: 'finish' | 'forget' };

/** Back from it: the oldest `update` of the session has been taken in, or the digests it ends with. */
export type DigestReply = { readonly session: number; readonly digests: SummedDigests | null };

type Session = {
  /** Null until something is taken into it. */
  md5: Md5Stream | null;
  readonly sha256: Hash;
  readonly summer: BlockSummer;
  size: number;
  /** What the MD5 is still to take in. */
  readonly waiting: Uint8Array[];
  /** What is to be done then. */
  end: 'finish' | 'forget' | null;
};

const sessions = new Map<number, Session>();

parentPort?.on('message', (request: DigestRequest) => {
  const session = sessions.get(request.session) ?? begin(request.session);
  if (request.kind === 'update') take(session, request.bytes);
  else session.end = request.kind;
  // After what has arrived besides.
  if (!awaited) setImmediate(takeTurns);
  awaited = true;
});

let awaited = false;

function begin(id: number): Session {
  const session: Session = {
    md5: null,
    sha256: createHash('sha256'),
    summer: createBlockSummer(),
    size: 0,
    waiting: [],
    end: null,
  };
  sessions.set(id, session);
  return session;
}

/** All but the MD5, for which others' bytes are waited for. */
function take(session: Session, bytes: Uint8Array): void {
  session.sha256.update(bytes);
  session.summer.update(bytes);
  session.size += bytes.byteLength;
  session.waiting.push(bytes);
}

/** A session of which so much waits would soon stop for want of memory. */
const PRESSING = 2;

/** Nothing waits longer for what others send. */
const LONGEST_WAIT_MILLISECONDS = 20;

let late: NodeJS.Timeout | null = null;

function takeTurns(): void {
  awaited = false;
  while (isTime()) takeTogether();
  for (const [id, session] of sessions) {
    if (session.end !== null && session.waiting.length === 0) end(id, session, session.end);
  }
  if (late !== null || ![...sessions.values()].some(isWaiting)) return;
  late = setTimeout(() => {
    takeTogether();
    takeTurns();
  }, LONGEST_WAIT_MILLISECONDS);
}

const isWaiting = ({ waiting }: Session): boolean => waiting.length > 0;

/** Whether to wait longer would fill no more lanes, or make somebody wait. */
function isTime(): boolean {
  let ready = 0;
  for (const session of sessions.values()) {
    if (!isWaiting(session)) continue;
    if (session.waiting.length >= PRESSING || session.end !== null) return true;
    // One that is alone is begun with its second bytes: by then it is known whether others come beside it.
    if (session.md5 !== null || sessions.size > 1) ready++;
  }
  return ready > 0 && (ready === sessions.size || ready >= LANES);
}

/** The oldest bytes of each session. */
function takeTogether(): void {
  if (late !== null) clearTimeout(late);
  late = null;
  const parts: Md5Part[] = [];
  const ids: number[] = [];
  for (const [id, session] of sessions) {
    const bytes = session.waiting.shift();
    if (bytes === undefined) continue;
    session.md5 ??= beginMd5(sessions.size <= 1);
    parts.push({ stream: session.md5, bytes });
    ids.push(id);
  }
  updateMd5(parts);
  for (const id of ids) reply({ session: id, digests: null });
}

function end(id: number, session: Session, kind: 'finish' | 'forget'): void {
  sessions.delete(id);
  if (kind === 'forget') return;
  const { md5, sha256, summer, size } = session;
  const digests = {
    md5: endMd5(md5 ?? beginMd5(true)),
    sha256: sha256.digest('hex'),
    size,
    blockSums: summer.sums(),
  };
  reply({ session: id, digests });
}

function reply(answer: DigestReply): void {
  parentPort?.postMessage(answer);
}
